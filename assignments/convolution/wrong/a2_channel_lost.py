def to_gray(images):
    return 0.299 * images[..., 0, :, :] + 0.587 * images[..., 1, :, :] + 0.114 * images[..., 2, :, :]
