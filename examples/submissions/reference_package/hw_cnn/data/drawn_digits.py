"""Ten digits drawn with a round pen along broken lines: what somebody's own digits may look like."""

from __future__ import annotations

import torch
from torch import Tensor

SIDE_PX = 28
PEN_PX = 1.3
# For each digit the lines of its strokes through points (x, y), in pixels.
STROKES: tuple[tuple[tuple[tuple[int, int], ...], ...], ...] = (
    (((14, 4), (9, 7), (8, 14), (9, 21), (14, 24), (19, 21), (20, 14), (19, 7), (14, 4)),),
    (((11, 8), (15, 4), (15, 24)),),
    (((8, 9), (10, 5), (15, 4), (19, 7), (18, 12), (8, 24), (21, 23)),),
    (((8, 5), (19, 5), (13, 12), (19, 15), (19, 21), (14, 24), (8, 22)),),
    (((10, 4), (8, 15), (20, 15)), ((18, 8), (17, 24))),
    (((20, 4), (10, 4), (9, 13), (15, 12), (19, 15), (19, 20), (15, 24), (8, 22)),),
    (((17, 4), (11, 9), (8, 16), (9, 22), (14, 24), (19, 21), (18, 16), (13, 14), (9, 18)),),
    (((7, 5), (20, 5), (13, 24)), ((11, 14), (19, 14))),
    (
        ((14, 13), (9, 9), (11, 5), (16, 4), (19, 8), (14, 13)),
        ((14, 13), (9, 18), (11, 23), (16, 24), (19, 19), (14, 13)),
    ),
    (((19, 9), (14, 13), (9, 10), (11, 5), (17, 4), (19, 9), (17, 24)),),
)


def own_digits() -> Tensor:
    """Ten digits of one's own, one of each class: image number i shows the digit i.

    Shape: -> (10, 28, 28), uint8 from 0 to 255, or floating; white on black or black on white.
    """
    images = [torch.stack([_line(line) for line in strokes]).amax(0) for strokes in STROKES]
    return (255 * torch.stack(images)).round().to(torch.uint8)


def _line(points: tuple[tuple[int, int], ...]) -> Tensor:
    """A line through points: 1 below the pen, falling to 0 over one pixel at its rim."""
    y, x = torch.meshgrid(torch.arange(SIDE_PX), torch.arange(SIDE_PX), indexing="ij")
    pixels, corners = torch.stack([x, y], -1).float(), torch.tensor(points).float()
    starts, ways = corners[:-1], corners.diff(dim=0)
    beyond = pixels[:, :, None] - starts
    share = ((beyond * ways).sum(-1) / (ways * ways).sum(-1)).clamp(0, 1)
    distance = (beyond - share[..., None] * ways).norm(dim=-1).amin(-1)
    ink: Tensor = (PEN_PX + 0.5 - distance).clamp(0, 1)
    return ink
