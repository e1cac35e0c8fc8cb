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
        self.weight = ((2 * torch.rand(out_channels, in_channels, p, q) - 1) * bound).requires_grad_()
        self.bias = nn.Parameter((2 * torch.rand(out_channels) - 1) * bound) if bias else None

    def forward(self, x):
        (sy, sx), (py, px) = self.stride, self.padding
        weight, bias = self.weight, self.bias
        p, q = weight.shape[2:]
        x = F.pad(x, (px, px, py, py))
        windows = x.unfold(2, p, sy).unfold(3, q, sx)
        out = torch.einsum("nchwij,ocij->nohw", windows, weight)
        return out if bias is None else out + bias[:, None, None]
