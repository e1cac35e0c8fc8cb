def bgr_to_rgb(images):
    return images[:, [2, 1, 0]]
