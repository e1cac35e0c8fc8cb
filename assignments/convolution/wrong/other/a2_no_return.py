# nothing is returned
def to_gray(images):
    images.mean()


def bgr_to_rgb(images):
    images.mean()
