# gives an array with the channels last
def to_chw(image):
    return image.numpy() / 255
