import torch

from hw_cnn.shapes import pair


def im2col(x, kernel_size, stride=1, padding=0):
    (p, q), (sy, sx), (py, px) = pair(kernel_size), pair(stride), pair(padding)
    n, c, h, w = x.shape
    framed = torch.zeros(n, c, h + 2 * py, w + 2 * px, dtype=x.dtype)
    framed[:, :, py : py + h, px : px + w] = x
    found = []
    for top in range(0, h + 2 * py - p + 1, sy):
        for left in range(0, w + 2 * px - q + 1, sx):
            found.append(framed[:, :, top : top + p, left : left + q].reshape(n, -1))
    return torch.stack(found, dim=-1)


def col2im(columns, image_size, kernel_size, stride=1, padding=0):
    (p, q), (sy, sx), (py, px) = pair(kernel_size), pair(stride), pair(padding)
    n, size = columns.shape[0], columns.shape[1] // (p * q)
    h, w = image_size
    out = torch.zeros(n, size, h + 2 * py, w + 2 * px, dtype=columns.dtype)
    number = 0
    for top in range(0, h + 2 * py - p + 1, sy):
        for left in range(0, w + 2 * px - q + 1, sx):
            window = columns[:, :, number].reshape(n, size, p, q)
            out[:, :, top : top + p, left : left + q] += window
            number += 1
    return out[:, :, py : py + h, px : px + w]
