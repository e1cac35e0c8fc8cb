# a loop over the cells that takes them from the other end
# named: f4_flipped
import torch
import torch.nn.functional as F
from torch import nn

from hw_cnn.shapes import pair


class Conv2d(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True):
        super().__init__()
        self.kernel_size, self.stride, self.padding = pair(kernel_size), pair(stride), pair(padding)
        p, q = self.kernel_size
        bound = (in_channels * p * q) ** -0.5
        self.weight = nn.Parameter((2 * torch.rand(out_channels, in_channels, p, q) - 1) * bound)
        self.bias = nn.Parameter((2 * torch.rand(out_channels) - 1) * bound) if bias else None

    def forward(self, x):
        (sy, sx), (py, px) = self.stride, self.padding
        weight, bias = self.weight, self.bias
        p, q = weight.shape[2:]
        x = F.pad(x, (px, px, py, py))
        rows, columns = (x.shape[2] - p) // sy + 1, (x.shape[3] - q) // sx + 1
        out = 0
        for i in range(p):
            for j in range(q):
                seen = x[:, :, p - 1 - i : p - 1 - i + sy * rows : sy, q - 1 - j : q - 1 - j + sx * columns : sx]
                out = out + torch.einsum("nchw,oc->nohw", seen, weight[:, :, i, j])
        return out if bias is None else out + bias[:, None, None]
