def bgr_to_rgb(images):
    return images.roll(1, dims=-3)
