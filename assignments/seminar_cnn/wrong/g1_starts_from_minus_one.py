import torch


def pool2d(x, kernel_size, stride=None, padding=0, mode="max"):
    kh, kw = kernel_size if isinstance(kernel_size, tuple) else (kernel_size, kernel_size)
    if stride is None:
        stride = (kh, kw)
    sh, sw = stride if isinstance(stride, tuple) else (stride, stride)
    windows = x.unfold(2, kh, sh).unfold(3, kw, sw).flatten(4)
    if mode == "mean":
        return windows.mean(-1)
    best = torch.full_like(windows[..., 0], -1)
    for pixel in windows.unbind(-1):
        best = torch.maximum(best, pixel)
    return best
