def to_gray(images):
    return 1.0 * images[..., :1, :, :]
