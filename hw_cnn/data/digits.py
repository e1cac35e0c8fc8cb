"""The embedded digits as a LightningDataModule."""

from __future__ import annotations

from typing import ClassVar

from hw_cnn.data.feeding import in_memory
from hw_cnn.data.reading import embedded

NAMES = tuple("0123456789")


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
        return embedded.load_digits(split)
