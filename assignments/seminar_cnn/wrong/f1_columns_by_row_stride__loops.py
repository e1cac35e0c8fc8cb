import torch
import torch.nn.functional as F

from hw_cnn import shapes


def conv2d(x, weight, bias=None, stride=1, padding=0):
    (step_y, step_x), (pad_y, pad_x) = shapes.pair(stride), shapes.pair(padding)
    n, c, h, w = x.shape
    o, _, p, q = weight.shape
    x = F.pad(x, (pad_x, pad_x, pad_y, pad_y))
    out = x.new_zeros(n, o, (h + 2 * pad_y - p) // step_y + 1, (w + 2 * pad_x - q) // step_x + 1)
    for b in range(n):
        for f in range(o):
            for i in range(out.shape[2]):
                for j in range(out.shape[3]):
                    window = x[b, :, i * step_y : i * step_y + p, j * step_y : j * step_y + q]
                    out[b, f, i, j] = (window * weight[f]).sum()
    return out if bias is None else out + bias.view(1, -1, 1, 1)
