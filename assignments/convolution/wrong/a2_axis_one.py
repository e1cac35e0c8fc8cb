def to_gray(images):
    return 0.299 * images[:, 0:1] + 0.587 * images[:, 1:2] + 0.114 * images[:, 2:3]


def bgr_to_rgb(images):
    return images[:, [2, 1, 0]]
