# a slip in the loop: the row index is used for columns as well
import torch
import torch.nn.functional as F


def conv2d(x, weight, bias=None, stride=1, padding=0):
    s = stride if isinstance(stride, tuple) else (stride, stride)
    p = padding if isinstance(padding, tuple) else (padding, padding)
    x = F.pad(x, (p[1], p[1], p[0], p[0]))
    kh, kw = weight.shape[2:]
    rows = []
    for i in range((x.shape[2] - kh) // s[0] + 1):
        row = []
        for _ in range((x.shape[3] - kw) // s[1] + 1):
            window = x[:, None, :, i * s[0] : i * s[0] + kh, i * s[1] : i * s[1] + kw]
            row.append((window * weight).sum((2, 3, 4)))
        rows.append(torch.stack(row, dim=-1))
    out = torch.stack(rows, dim=-2)
    return out if bias is None else out + bias.view(1, -1, 1, 1)
