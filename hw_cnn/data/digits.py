"""The embedded digits: 8,000 of MNIST's training images, cut into three parts (see scripts/build_digits.py)."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from hw_cnn.data import in_memory

DIGITS_FILE = Path(__file__).with_name("digits.npz")
SPLITS = ("train", "val", "test")
NAMES = tuple("0123456789")


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


class DigitsDataModule(in_memory.InMemoryDataModule):
    """Gives batches of the embedded digits on the trainer's device. Nothing is downloaded.

    The training part alone is shuffled (anew in each epoch, from `seed`) and augmented, for example moved by up to
    `max_shift_px` pixels. Every part is normalised with the mean and standard deviation of MNIST's training images,
    unless others are given; no part loses its last batch. `splits` may be filled before training: what stands there
    is used instead of the embedded part. All arguments: see InMemoryDataModule.

    Batches: images (B, 1, 28, 28) float32, labels (B) int64.

    Raises: ValueError for a batch size below 1 or a negative shift.
    """

    num_classes = 10
    image_shape = (1, 28, 28)
    names: ClassVar = {"ru": NAMES, "en": NAMES}
    # Of all 60,000 training images, scaled to 0..1; our 6,000 have .1312 and .3088.
    mean = 0.1307
    std = 0.3081

    def _read(self, split: str) -> in_memory.Split:
        return load_digits(split)
