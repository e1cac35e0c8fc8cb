import torch
from torch import nn
from torch.nn import init


class Conv2d(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True):
        nn.Module.__init__(self)
        make = lambda value: (value, value) if isinstance(value, int) else tuple(value)
        self.kernel_size, self.stride, self.padding = make(kernel_size), make(stride), make(padding)
        self.weight = nn.Parameter(torch.zeros((out_channels, in_channels) + self.kernel_size))
        init.kaiming_uniform_(self.weight, a=5**0.5)
        if bias:
            edge = self.weight[0].numel() ** -0.5
            self.bias = nn.Parameter(torch.rand(out_channels) * 2 * edge - edge)
        else:
            self.bias = None

    def forward(self, x):
        n, c, h, w = x.shape
        (p, q), (sy, sx), (py, px) = self.kernel_size, self.stride, self.padding
        framed = x.new_zeros(n, c, h + 2 * py, w + 2 * px)
        framed[:, :, py : py + h, px : px + w] = x
        rows, columns = (h + 2 * py - p) // sy + 1, (w + 2 * px - q) // sx + 1
        total = 0
        for i in range(p):
            for j in range(q):
                seen = framed[:, :, i : i + sy * rows : sy, j : j + sx * columns : sx]
                total = total + torch.tensordot(self.weight[:, :, i, j], seen, dims=([1], [1]))
        total = total.transpose(0, 1)
        return total if self.bias is None else total + self.bias.view(-1, 1, 1)
