import torch
import torch.nn.functional as F

from hw_cnn import shapes


def conv2d(x, weight, bias=None, stride=1, padding=0):
    (step_y, step_x), (pad_y, pad_x) = shapes.pair(stride), shapes.pair(padding)
    n, c, h, w = x.shape
    o, _, p, q = weight.shape
    x = F.pad(x, (pad_x, pad_x, pad_y, pad_y))
    rows = []
    for i in range((h + 2 * pad_y - p) // step_y + 1):
        columns = []
        for j in range((w + 2 * pad_x - q) // step_x + 1):
            window = x[:, :, i * step_y : i * step_y + p, j * step_y : j * step_y + q]
            columns.append((window[:, None] * weight[None]).sum((2, 3, 4)))
        rows.append(torch.stack(columns, -1))
    out = torch.stack(rows, -2)
    return out if bias is None else out + bias.view(1, -1, 1, 1)
