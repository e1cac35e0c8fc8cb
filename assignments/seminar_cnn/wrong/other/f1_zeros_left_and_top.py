# zeros on the left and at the top only, as many as padding says
# named: f1_padding_top_left
import torch
import torch.nn.functional as F


def _pair(value):
    return (value, value) if isinstance(value, int) else value


def conv2d(x, weight, bias=None, stride=1, padding=0):
    (sy, sx), (py, px) = _pair(stride), _pair(padding)
    rows, columns = weight.shape[2:]
    x = F.pad(x, (px, 0, py, 0))
    h, w = (x.shape[2] - rows) // sy + 1, (x.shape[3] - columns) // sx + 1
    out = 0
    for i in range(rows):
        for j in range(columns):
            window = x[:, :, i : i + sy * h : sy, j : j + sx * w : sx]
            out = out + torch.einsum("nchw,oc->nohw", window, weight[:, :, i, j])
    return out if bias is None else out + bias.reshape(-1, 1, 1)
