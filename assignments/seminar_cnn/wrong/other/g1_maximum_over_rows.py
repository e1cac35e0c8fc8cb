# only the columns are reduced by the maximum, the rows by the mean
def pool2d(x, kernel_size, stride=None, padding=0, mode="max"):
    kh, kw = kernel_size if isinstance(kernel_size, tuple) else (kernel_size, kernel_size)
    stride = (kh, kw) if stride is None else stride
    sh, sw = stride if isinstance(stride, tuple) else (stride, stride)
    windows = x.unfold(2, kh, sh).unfold(3, kw, sw)
    if mode == "max":
        return windows.amax(5).mean(4)
    return windows.mean((4, 5))
