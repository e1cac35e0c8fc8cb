def bgr_to_rgb(images):
    return images.flip(1)
