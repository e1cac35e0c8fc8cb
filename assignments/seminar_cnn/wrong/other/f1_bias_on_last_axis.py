# the bias is added along the columns, which fails unless there are as many columns as filters
# named: f1_bias_on_last_axis
import torch
import torch.nn.functional as F


def conv2d(x, weight, bias=None, stride=1, padding=0):
    sy, sx = stride if isinstance(stride, tuple) else (stride, stride)
    py, px = padding if isinstance(padding, tuple) else (padding, padding)
    x = F.pad(x, (px, px, py, py))
    windows = x.unfold(2, weight.shape[2], sy).unfold(3, weight.shape[3], sx)
    out = torch.einsum("nchwij,ocij->nohw", windows, weight)
    return out if bias is None else out + bias
