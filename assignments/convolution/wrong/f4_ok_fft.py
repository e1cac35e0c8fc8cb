import torch
import torch.nn.functional as F
from torch import nn


def _two(value):
    return (value, value) if isinstance(value, int) else value


class Conv2d(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True):
        super().__init__()
        p, q = _two(kernel_size)
        self.stride, self.padding = _two(stride), _two(padding)
        edge = (in_channels * p * q) ** -0.5
        self.weight = nn.Parameter(torch.empty(out_channels, in_channels, p, q).uniform_(-edge, edge))
        self.bias = nn.Parameter(torch.empty(out_channels).uniform_(-edge, edge)) if bias else None

    def forward(self, x):
        (sy, sx), (py, px) = self.stride, self.padding
        x = F.pad(x, (px, px, py, py))
        size = x.shape[-2:]
        p, q = self.weight.shape[-2:]
        spectrum = torch.fft.rfft2(x)[:, None] * torch.fft.rfft2(self.weight, s=size).conj()
        maps = torch.fft.irfft2(spectrum.sum(2), s=size)[..., : size[0] - p + 1 : sy, : size[1] - q + 1 : sx]
        return maps if self.bias is None else maps + self.bias[:, None, None]
