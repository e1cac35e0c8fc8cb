import torch
import torch.nn.functional as F

from hw_cnn.shapes import pair


def im2col(x, kernel_size, stride=1, padding=0):
    (p, q), (sy, sx), (py, px) = pair(kernel_size), pair(stride), pair(padding)
    n, c, h, w = x.shape
    rows, cols = (h + 2 * py - p) // sy + 1, (w + 2 * px - q) // sx + 1
    if rows < 1 or cols < 1:
        raise ValueError("too large a window")
    framed = F.pad(x, (px, px, py, py))
    out = torch.zeros(n, c, p, q, rows, cols, dtype=x.dtype)
    for i in range(p):
        for j in range(q):
            out[:, :, i, j] = framed[:, :, i : i + sy * rows : sy, j : j + sx * cols : sx]
    return out.transpose(4, 5).reshape(n, c * p * q, rows * cols)
