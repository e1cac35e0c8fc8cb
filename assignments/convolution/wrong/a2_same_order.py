def bgr_to_rgb(images):
    return images + 0
