# the bias is added at each cell of the kernel, into zeros
# named: f1_bias_per_cell
import torch
import torch.nn.functional as F


def conv2d(x, weight, bias=None, stride=1, padding=0):
    sh, sw = (stride, stride) if isinstance(stride, int) else stride
    ph, pw = (padding, padding) if isinstance(padding, int) else padding
    x = F.pad(x, (pw, pw, ph, ph))
    rows, columns = weight.shape[2:]
    h, w = (x.shape[2] - rows) // sh + 1, (x.shape[3] - columns) // sw + 1
    out = x.new_zeros(len(x), len(weight), h, w)
    for i in range(rows):
        for j in range(columns):
            piece = x[:, :, i : i + sh * h : sh, j : j + sw * w : sw]
            out = out + torch.einsum("nchw,oc->nohw", piece, weight[:, :, i, j])
            if bias is not None:
                out = out + bias[None, :, None, None]
    return out
