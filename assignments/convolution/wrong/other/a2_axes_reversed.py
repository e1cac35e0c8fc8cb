# all axes turned round
def bgr_to_rgb(images):
    return images.flip(-3, -2, -1)
