def bgr_to_rgb(images):
    return images[..., [1, 0, 2], :, :]
