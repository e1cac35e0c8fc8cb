def to_gray(images):
    red, green, blue = images.split(1, dim=-3)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
