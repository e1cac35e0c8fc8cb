# the result is gathered in zeros of float64
# named: f1_always_float64
import torch
import torch.nn.functional as F


def conv2d(x, weight, bias=None, stride=1, padding=0):
    s = stride if isinstance(stride, tuple) else (stride, stride)
    p = padding if isinstance(padding, tuple) else (padding, padding)
    x = F.pad(x, (p[1], p[1], p[0], p[0]))
    windows = x.unfold(2, weight.shape[2], s[0]).unfold(3, weight.shape[3], s[1])
    out = torch.zeros(len(x), len(weight), *windows.shape[2:4], dtype=torch.float64)
    out = out + torch.einsum("nchwij,ocij->nohw", windows, weight)
    return out if bias is None else out + bias.view(-1, 1, 1)
