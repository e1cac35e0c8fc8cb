def pool2d(x, kernel_size, stride=None, padding=0, mode="max"):
    kh, kw = kernel_size if isinstance(kernel_size, tuple) else (kernel_size, kernel_size)
    if stride is None:
        stride = (kh, kw)
    sh, sw = stride if isinstance(stride, tuple) else (stride, stride)
    windows = x.unfold(2, kh, sh).unfold(3, kw, sw).flatten(4)
    if mode == "max":
        return windows.max(-1).values
    return windows.sum(-1) / kh**2
