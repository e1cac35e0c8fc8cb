import math

import torch
from torch import nn


class Conv2d(nn.Module):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, bias=True):
        super().__init__()
        both = lambda value: value if isinstance(value, tuple) else (value, value)
        self.size, self.step, self.frame = both(kernel_size), both(stride), both(padding)
        limit = 1 / math.sqrt(in_channels * self.size[0] * self.size[1])
        self.register_parameter("weight", nn.Parameter(torch.empty(out_channels, in_channels, *self.size)))
        self.register_parameter("bias", nn.Parameter(torch.empty(out_channels)) if bias else None)
        for parameter in self.parameters():
            parameter.data.uniform_(-limit, limit)

    def forward(self, x):
        columns = nn.functional.unfold(x, self.size, stride=self.step, padding=self.frame)
        product = torch.matmul(self.weight.reshape(len(self.weight), -1), columns)
        if self.bias is not None:
            product = product + self.bias.reshape(-1, 1)
        sizes = [(n + 2 * p - k) // s + 1 for n, p, k, s in zip(x.shape[2:], self.frame, self.size, self.step, strict=True)]
        return product.reshape(x.shape[0], -1, *sizes)
