"""Small data that tests of figures draw."""

from __future__ import annotations

import torch

SHARPEN = torch.tensor([[0.0, -1, 0], [-1, 5, -1], [0, -1, 0]])
EDGE = torch.tensor([[0.0, 1, 0], [1, -4, 1], [0, 1, 0]])


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def images(count: int, channels: int = 1, side: int = 28) -> torch.Tensor:
    return noise(count, channels, side, side).sigmoid()
