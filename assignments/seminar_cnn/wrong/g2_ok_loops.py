import torch

from hw_cnn.shapes import pair


def padded_pool2d(x, kernel_size, stride=None, padding=0, mode="max"):
    (p, q), (py, px) = pair(kernel_size), pair(padding)
    sy, sx = pair(kernel_size if stride is None else stride)
    height, width = x.shape[2:]
    rows = []
    for top in range(-py, height + py - p + 1, sy):
        row = []
        for left in range(-px, width + px - q + 1, sx):
            seen = x[:, :, max(top, 0) : top + p, max(left, 0) : left + q]
            if mode == "mean":
                row.append(seen.sum((2, 3)) / (p * q))
            else:
                row.append(seen.amax((2, 3)) if mode == "max" else seen.amin((2, 3)))
        rows.append(torch.stack(row, dim=-1))
    return torch.stack(rows, dim=-2)
