# stride moves the cells of the kernel apart (dilation)
import torch
import torch.nn.functional as F


def conv2d(x, weight, bias=None, stride=1, padding=0):
    sy, sx = stride if isinstance(stride, tuple) else (stride, stride)
    py, px = padding if isinstance(padding, tuple) else (padding, padding)
    x = F.pad(x, (px, px, py, py))
    p, q = weight.shape[2:]
    spread = weight.new_zeros(*weight.shape[:2], (p - 1) * sy + 1, (q - 1) * sx + 1)
    spread[:, :, ::sy, ::sx] = weight
    weight = spread
    windows = x.unfold(2, weight.shape[2], 1).unfold(3, weight.shape[3], 1)
    out = torch.einsum("nchwij,ocij->nohw", windows, weight)
    return out if bias is None else out + bias[:, None, None]
