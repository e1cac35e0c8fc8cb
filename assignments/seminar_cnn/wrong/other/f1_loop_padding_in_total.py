# half of the padding goes to each side, with a large tensor of zeros
# named: f1_padding_in_total
import torch


def conv2d(x, weight, bias=None, stride=1, padding=0):
    s = stride if isinstance(stride, tuple) else (stride, stride)
    p = padding if isinstance(padding, tuple) else (padding, padding)
    n, c, h, w = x.shape
    framed = x.new_zeros(n, c, h + p[0], w + p[1])
    framed[:, :, p[0] // 2 : p[0] // 2 + h, p[1] // 2 : p[1] // 2 + w] = x
    windows = framed.unfold(2, weight.shape[2], s[0]).unfold(3, weight.shape[3], s[1])
    out = torch.einsum("nchwij,ocij->nohw", windows, weight)
    return out if bias is None else out + bias.view(-1, 1, 1)
