# the stride is never smaller than the window
import torch.nn.functional as F


def _pair(value):
    return (value, value) if isinstance(value, int) else value


def pool2d(x, kernel_size, stride=None, padding=0, mode="max"):
    (kh, kw), (py, px) = _pair(kernel_size), _pair(padding)
    sy, sx = _pair(stride if stride is not None else kernel_size)
    sy, sx = max(sy, kh), max(sx, kw)
    empty = float("-inf") if mode == "max" else 0.0
    x = F.pad(x, (px, px, py, py), value=empty)
    windows = x.unfold(2, kh, sy).unfold(3, kw, sx).flatten(4)
    return windows.amax(4) if mode == "max" else windows.mean(4)
