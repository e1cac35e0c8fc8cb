# the kernel is flipped, in a loop over its cells
# named: f1_flipped
import torch.nn.functional as F


def conv2d(x, weight, bias=None, stride=1, padding=0):
    s = stride if isinstance(stride, tuple) else (stride, stride)
    p = padding if isinstance(padding, tuple) else (padding, padding)
    x = F.pad(x, (p[1], p[1], p[0], p[0]))
    kh, kw = weight.shape[2:]
    h = (x.shape[2] - kh) // s[0] + 1
    w = (x.shape[3] - kw) // s[1] + 1
    total = 0
    for m in range(kh):
        for n in range(kw):
            part = x[:, None, :, m : m + (h - 1) * s[0] + 1 : s[0], n : n + (w - 1) * s[1] + 1 : s[1]]
            cell = weight[:, :, kh - 1 - m, kw - 1 - n]
            total = total + (part * cell[None, :, :, None, None]).sum(2)
    return total if bias is None else total + bias.reshape(-1, 1, 1)
