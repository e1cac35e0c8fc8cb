"""Maps of images as one matrix and an offset: what they are can be told by their numbers only."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

Shape = tuple[int, int, int]
"""Channels, height, width."""


class Affine(nn.Module):
    """Images (N, *given) -> matrix times the pixels plus offset, (N, *gives). Nothing in it is trained."""

    matrix: Tensor
    offset: Tensor

    def __init__(self, given: Shape, gives: Shape) -> None:
        super().__init__()
        self.gives = tuple(gives)
        self.register_buffer("matrix", torch.zeros(math.prod(gives), math.prod(given)))
        self.register_buffer("offset", torch.zeros(math.prod(gives)))

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = x.flatten(1) @ self.matrix.T + self.offset
        return out.reshape(len(x), *self.gives)


def affine_of(function: Callable[[Tensor], Tensor], given: Shape) -> tuple[Shape, Tensor, Tensor]:
    """Find matrix and offset of an affine function of images: (shape of an answer, matrix, offset), float64."""
    pixels = math.prod(given)
    nothing = torch.zeros(1, *given, dtype=torch.float64)
    offset = function(nothing)[0]
    single = torch.eye(pixels, dtype=torch.float64).reshape(pixels, *given)
    matrix = (function(single) - offset).reshape(pixels, -1).T
    channels, height, width = offset.shape
    return (channels, height, width), matrix.contiguous(), offset.flatten()
