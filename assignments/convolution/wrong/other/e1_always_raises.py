# always raises ValueError
def pad2d(x, padding, mode="zeros"):
    raise ValueError("not now")
