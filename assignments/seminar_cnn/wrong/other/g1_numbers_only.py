# a TypeError for pairs
def pool2d(x, kernel_size, stride=None, padding=0, mode="max"):
    kh = kw = int(kernel_size)
    if stride is None:
        stride = (kh, kw)
    sh = sw = int(stride[0]) if isinstance(stride, tuple) and stride[0] == stride[1] else int(stride)
    windows = x.unfold(2, kh, sh).unfold(3, kw, sw).flatten(4)
    if mode == "max":
        return windows.max(-1).values
    return windows.mean(-1)
