"""The embedded digits as tensors, without Lightning: 8,000 of MNIST's training images in three parts.

They were cut by scripts/build_digits.py.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

DIGITS_FILE = Path(__file__).parents[1] / "digits.npz"
SPLITS = ("train", "val", "test")


def load_digits(split: str) -> tuple[Tensor, Tensor]:
    """Give the images and labels of one part: `train` (6,000), `val` (1,000) or `test` (1,000).

    Shape: images (N, 28, 28) uint8, 0 background .. 255 ink; labels (N) int64. The parts have no image in common.

    Raises: ValueError for an unknown part.
    """
    if split not in SPLITS:
        raise ValueError(f"split (={split!r}) must be one of {', '.join(map(repr, SPLITS))}")
    with np.load(DIGITS_FILE, allow_pickle=False) as arrays:
        images, labels = arrays[f"{split}_images"], arrays[f"{split}_labels"]
    return torch.from_numpy(images), torch.from_numpy(labels.astype(np.int64))
