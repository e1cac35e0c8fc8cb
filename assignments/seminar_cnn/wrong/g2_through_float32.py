import math

import torch.nn.functional as F

from hw_cnn.shapes import pair


def padded_pool2d(x, kernel_size, stride=None, padding=0, mode="max"):
    (p, q), (py, px) = pair(kernel_size), pair(padding)
    sy, sx = pair(kernel_size if stride is None else stride)
    fill = {"max": -math.inf, "min": math.inf, "mean": 0.0}[mode]
    windows = F.pad(x.float(), (px, px, py, py), value=fill).unfold(2, p, sy).unfold(3, q, sx)
    return {"max": windows.amax, "min": windows.amin, "mean": windows.mean}[mode](dim=(-2, -1)).to(x.dtype)
