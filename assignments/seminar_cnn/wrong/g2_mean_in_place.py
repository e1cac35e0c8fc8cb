import math

import torch.nn.functional as F

from hw_cnn.shapes import pair


def padded_pool2d(x, kernel_size, stride=None, padding=0, mode="max"):
    (p, q), (py, px) = pair(kernel_size), pair(padding)
    sy, sx = pair(kernel_size if stride is None else stride)
    if mode == "mean":
        x /= p * q
    fill = {"max": -math.inf, "min": math.inf, "mean": 0.0}[mode]
    windows = F.pad(x, (px, px, py, py), value=fill).unfold(2, p, sy).unfold(3, q, sx)
    return {"max": windows.amax, "min": windows.amin, "mean": windows.sum}[mode](dim=(-2, -1))
