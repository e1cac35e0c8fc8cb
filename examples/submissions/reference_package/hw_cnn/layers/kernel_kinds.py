"""What a kernel does, told by two images: one that is the same everywhere, and a chessboard, the finest pattern.

Gonzalez, Woods, "Digital Image Processing", chapter 3; the two answers are the frequency response at 0 and at the
highest frequency.
"""

from __future__ import annotations

import torch
from torch import Tensor

ROUNDING = 1e-6


def kernel_kind(kernel: Tensor) -> str:
    """Name what a kernel does to an image: "identity", "edge", "blur" or "sharpen".

    "identity": only the weight in the middle is not zero. "edge": an image that is the same everywhere becomes zero.
    Otherwise the chessboard of 1 and -1 is compared with the image of ones: it is weakened by "blur", strengthened by
    "sharpen". A factor, negative ones included, changes nothing; numbers below 1e-6 of the sum of absolute weights are
    zero.

    Shape: kernel (height, width), floating, both sides odd.

    Raises: ValueError for a kernel with an even side, which has no middle, and for one without any weight.
    """
    if kernel.dim() != 2 or not all(side % 2 for side in kernel.shape) or not kernel.any():
        raise ValueError(
            f"kernel has shape {tuple(kernel.shape)}; expected two axes with odd sides, and a weight that is not zero"
        )
    height, width = kernel.shape
    weights = kernel.double() / kernel.double().abs().sum()
    rows, columns = torch.arange(height)[:, None], torch.arange(width)
    signs = torch.where((rows + columns) % 2 == (height // 2 + width // 2) % 2, 1.0, -1.0)
    constant, board = weights.sum().abs(), (weights * signs).sum().abs()
    if 1 - weights[height // 2, width // 2].abs() < ROUNDING:
        return "identity"
    if constant < ROUNDING:
        return "edge"
    return "blur" if board < constant else "sharpen"
