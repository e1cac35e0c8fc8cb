def to_gray(images):
    red, green, blue = images.split(1, dim=-3)
    return 0.114 * red + 0.587 * green + 0.299 * blue
