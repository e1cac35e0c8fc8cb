import torch

from hw_cnn.shapes import pair


def col2im(columns, image_size, kernel_size, stride=1, padding=0):
    (p, q), (sy, sx), (py, px) = pair(kernel_size), pair(stride), pair(padding)
    h, w = image_size
    n = len(columns)
    rows, cols = (h + 2 * py - p) // sy + 1, (w + 2 * px - q) // sx + 1
    places = torch.from_numpy(columns.detach().numpy().copy()).reshape(n, -1, p, q, rows, cols)
    out = torch.zeros(n, places.shape[1], h + 2 * py, w + 2 * px, dtype=columns.dtype)
    for i in range(p):
        for j in range(q):
            out[:, :, i : i + sy * rows : sy, j : j + sx * cols : sx] += places[:, :, i, j]
    return out[:, :, py : py + h, px : px + w]
