# always raises
def to_chw(image):
    raise ValueError("no image")
