"""A convolutional layer whose weights are torch's: what `nn.Conv2d` keeps, and one product of matrices."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hw_cnn import shapes


class Conv2d(nn.Module):
    """Convolve images with filters that are learned; the kernel is not flipped.

    kernel_size, stride, padding: a number, or a pair (vertical, horizontal); padding is a frame of zeros. bias: whether
    each filter adds a number of its own to its map.

    Parameters are `weight` (out_channels, in_channels, p, q) and `bias` (out_channels), which is None where there is
    none: a state dict of `nn.Conv2d` with the same settings can be loaded. They begin at random, evenly between
    -1/sqrt(n) and 1/sqrt(n) for n = in_channels · p · q.

    Shape: (N, in_channels, H, W) -> (N, out_channels, H', W') with
        H' = floor((H + 2·padding - p) / stride) + 1, and W' likewise.
    """

    bias: nn.Parameter | None

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] = 0,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.kernel_size = shapes.pair(kernel_size)
        self.stride, self.padding = shapes.pair(stride), shapes.pair(padding)
        self.weight = nn.Parameter(torch.empty(out_channels, in_channels, *self.kernel_size))
        self.bias = nn.Parameter(torch.empty(out_channels)) if bias else None
        bound = self.weight[0].numel() ** -0.5
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -bound, bound)

    def forward(self, x: Tensor) -> Tensor:
        """Give one map for each filter."""
        windows = F.unfold(x, self.kernel_size, padding=self.padding, stride=self.stride)
        maps = self.weight.flatten(1) @ windows
        if self.bias is not None:
            maps = maps + self.bias[:, None]
        out_h = (x.shape[2] + 2 * self.padding[0] - self.kernel_size[0]) // self.stride[0] + 1
        return maps.reshape(*maps.shape[:2], out_h, -1)
