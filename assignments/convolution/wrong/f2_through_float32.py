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
    out = torch.zeros(n, c, p, q, rows, cols, dtype=torch.float32)
    for i in range(p):
        for j in range(q):
            out[:, :, i, j] = framed[:, :, i : i + sy * rows : sy, j : j + sx * cols : sx]
    return out.reshape(n, c * p * q, rows * cols).to(x.dtype)


def col2im(columns, image_size, kernel_size, stride=1, padding=0):
    (p, q), (sy, sx), (py, px) = pair(kernel_size), pair(stride), pair(padding)
    h, w = image_size
    n = len(columns)
    rows, cols = (h + 2 * py - p) // sy + 1, (w + 2 * px - q) // sx + 1
    places = columns.reshape(n, -1, p, q, rows, cols)
    out = torch.zeros(n, places.shape[1], h + 2 * py, w + 2 * px, dtype=torch.float32)
    for i in range(p):
        for j in range(q):
            out[:, :, i : i + sy * rows : sy, j : j + sx * cols : sx] += places[:, :, i, j]
    return out[:, :, py : py + h, px : px + w].to(columns.dtype)
