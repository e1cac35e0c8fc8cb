# windows by one view where stride is the size of the window
# named: g1_reshaped
def pool2d(x, kernel_size, stride=None, padding=0, mode="max"):
    k = kernel_size if isinstance(kernel_size, tuple) else (kernel_size, kernel_size)
    s = k if stride is None else stride if isinstance(stride, tuple) else (stride, stride)
    if s == k:
        h, w = x.shape[2] // k[0], x.shape[3] // k[1]
        whole = x[..., : h * k[0], : w * k[1]].contiguous()
        windows = whole.view(*x.shape[:2], h, w, k[0], k[1])
    else:
        windows = x.unfold(2, k[0], s[0]).unfold(3, k[1], s[1])
    return windows.amax((-1, -2)) if mode == "max" else windows.mean((-1, -2))
