"""How many numbers a layer learns: weights and biases (Goodfellow, Bengio, Courville, "Deep Learning", section 9.2)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from hw_cnn import shapes


def dense_params(sizes: Sequence[int], bias: bool = True) -> int:
    """Count the parameters of a dense network.

    sizes: how many numbers go in, then the size of each layer: (25, 10) is one layer of 10 units on 25 numbers,
        (25, 10, 10) has a hidden layer of 10 units before it.
    bias: whether each unit has one.

    Raises: ValueError for fewer than two sizes.
    """
    if len(sizes) < 2:
        raise ValueError(
            f"sizes (={tuple(sizes)}) must hold at least two numbers: what goes in and what comes out"
        )
    return sum(num_in * num_out + num_out * bias for num_in, num_out in pairwise(sizes))


def conv_params(
    in_channels: int,
    out_channels: int,
    kernel_size: int | tuple[int, int],
    groups: int = 1,
    bias: bool = True,
) -> int:
    """Count the parameters of a convolutional layer, `nn.Conv2d` with the same arguments.

    kernel_size: one number, or (vertical, horizontal). groups: into how many groups the channels are parted; a filter
    sees the input channels of its own group only. bias: whether each filter has one.

    Raises: ValueError when `groups` does not divide both numbers of channels.
    """
    if in_channels % groups or out_channels % groups:
        raise ValueError(
            f"groups (={groups}) must divide in_channels (={in_channels}) and out_channels (={out_channels})"
        )
    height, width = shapes.pair(kernel_size)
    return out_channels * (in_channels // groups * height * width + bias)
