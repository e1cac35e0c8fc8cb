import torch
import torch.nn.functional as F

from hw_cnn.shapes import pair


def im2col(x, kernel_size, stride=1, padding=0):
    (p, q), (sy, sx), (py, px) = pair(kernel_size), pair(stride), pair(padding)
    windows = F.pad(x, (px, px, py, py)).unfold(2, p, sy).unfold(3, q, sx)
    n, c, rows, cols = windows.shape[:4]
    return windows.permute(0, 1, 4, 5, 2, 3).reshape(n, c * p * q, rows * cols)


def col2im(columns, image_size, kernel_size, stride=1, padding=0):
    (p, q), (py, px) = pair(kernel_size), pair(padding)
    h, w = image_size[0] + 2 * py, image_size[1] + 2 * px
    number = torch.arange(h * w, dtype=torch.float64).reshape(1, 1, h, w)
    where = im2col(number, kernel_size, stride).long().flatten()
    n = columns.shape[0]
    flat = columns.reshape(n, -1, where.numel())
    out = torch.zeros(n, flat.shape[1], h * w, dtype=columns.dtype).index_add(2, where, flat)
    return out.reshape(n, -1, h, w)[:, :, py : h - py, px : w - px]
