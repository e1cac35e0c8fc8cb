import torch
import torch.nn.functional as F

from hw_cnn.shapes import pair


def padded_pool2d(x, kernel_size, stride=None, padding=0, mode="max"):
    if mode == "min":
        return -padded_pool2d(-x, kernel_size, stride, padding, "max")
    (p, q), (py, px) = pair(kernel_size), pair(padding)
    sy, sx = pair(kernel_size if stride is None else stride)
    x = F.pad(x, (px, px, py, py), value=float("-inf") if mode == "max" else 0.0)
    h, w = (x.shape[2] - p) // sy + 1, (x.shape[3] - q) // sx + 1
    out = None
    for i in range(p):
        for j in range(q):
            cell = x[:, :, i : i + sy * h : sy, j : j + sx * w : sx]
            if out is None:
                out = cell
            else:
                out = torch.maximum(out, cell) if mode == "max" else out + cell
    return out if mode == "max" else out / (p * q)
