"""The embedded digits: 8,000 of MNIST's training images, cut into three parts (see scripts/build_digits.py)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from lightning import LightningDataModule
from torch import Tensor

from hw_cnn.data import loader

DIGITS_FILE = Path(__file__).with_name("digits.npz")
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


class DigitsDataModule(LightningDataModule):
    """Gives batches of the embedded digits on the trainer's device. Nothing is downloaded.

    The training part alone is shuffled (anew in each epoch, from `seed`) and moved by up to `max_shift_px` pixels.
    Every part is normalised with the mean and standard deviation of MNIST's training images; no part loses its last
    batch. `splits` may be filled before training: what stands there is used instead of the embedded part.

    Batches: images (B, 1, 28, 28) float32, labels (B) int64.

    Raises: ValueError for a batch size below 1 or a negative shift.
    """

    # Of all 60,000 training images, scaled to 0..1; our 6,000 have .1312 and .3088.
    mean = 0.1307
    std = 0.3081

    def __init__(self, batch_size: int = 64, seed: int = 0, max_shift_px: int = 0) -> None:
        super().__init__()
        if batch_size < 1 or max_shift_px < 0:
            raise ValueError(
                f"batch_size (={batch_size}) must be at least 1, max_shift_px (={max_shift_px}) at least 0"
            )
        self.batch_size = batch_size
        self.seed = seed
        self.max_shift_px = max_shift_px
        self.splits: dict[str, tuple[Tensor, Tensor]] = {}

    def setup(self, stage: str) -> None:
        """Read the parts that `stage` (fit, validate, test or predict) needs."""
        needed = {"fit": ("train", "val"), "validate": ("val",)}.get(stage, ("test",))
        for split in needed:
            if split not in self.splits:
                self.splits[split] = load_digits(split)

    def train_dataloader(self) -> loader.TensorLoader:
        """Shuffled and shifted batches of the training part."""
        return self._loader("train", shuffle=True, max_shift_px=self.max_shift_px)

    def val_dataloader(self) -> loader.TensorLoader:
        """Batches of the validation part, in order."""
        return self._loader("val")

    def test_dataloader(self) -> loader.TensorLoader:
        """Batches of the test part, in order."""
        return self._loader("test")

    def predict_dataloader(self) -> loader.TensorLoader:
        """The same batches as `test_dataloader`."""
        return self._loader("test")

    def _loader(self, split: str, *, shuffle: bool = False, max_shift_px: int = 0) -> loader.TensorLoader:
        if split not in self.splits:
            self.splits[split] = load_digits(split)
        images, labels = self.splits[split]
        return loader.TensorLoader(
            images,
            labels,
            self.batch_size,
            mean=self.mean,
            std=self.std,
            shuffle=shuffle,
            max_shift_px=max_shift_px,
            seed=self.seed,
            device=self._device(),
        )

    def _device(self) -> torch.device:
        """The trainer's device; the CPU without a trainer. Raises: ValueError when a trainer has several."""
        if self.trainer is None:
            return torch.device("cpu")
        if self.trainer.world_size > 1:
            raise ValueError(
                f"the digits are trained on one device, the trainer has {self.trainer.world_size}: set devices=1"
            )
        return self.trainer.strategy.root_device
