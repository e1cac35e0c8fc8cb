def to_gray(images):
    red, green, blue = images.float().split(1, dim=-3)
    return (0.299 * red + 0.587 * green + 0.114 * blue).to(images.dtype)
