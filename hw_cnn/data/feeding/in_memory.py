"""Data sets that fit into memory: one LightningDataModule for all, each says where its images come from."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import ClassVar

import torch
from lightning import LightningDataModule
from torch import Tensor

from hw_cnn import language
from hw_cnn.data.feeding import epochs, loader, splits

PARTS = {"fit": ("train", "val"), "validate": ("val",)}
NUM_IMAGES_AT_ONCE = 4096

Split = tuple[Tensor, Tensor]


class InMemoryDataModule(LightningDataModule):
    """Gives batches of images that are kept as uint8 tensors on the trainer's device.

    The training part alone is shuffled (anew in each epoch, from `seed`) and augmented: see TensorLoader for
    `max_shift_px`, `flip` and `cutout_px`. Padding (`pad_px`), resizing (`image_size`) and normalising apply to every
    part, and no part loses its last batch. `mean` and `std` (a number, or one per channel, of pixels scaled to 0..1)
    are those of the training part unless they are given. `splits` may be filled before training: what stands there is
    used instead. On several devices each process has its share of the images.

    Batches: images (B, *input_shape) float32, labels (B) int64.

    Raises: ValueError for an argument that is out of range.
    """

    # (channels, height, width) of the images themselves.
    image_shape: tuple[int, int, int]
    names: ClassVar[dict[str, tuple[str, ...]]]
    mean: loader.PerChannel | None = None
    std: loader.PerChannel | None = None

    def __init__(
        self,
        batch_size: int = 64,
        seed: int = 0,
        max_shift_px: int = 0,
        *,
        flip: str = "none",
        cutout_px: int = 0,
        pad_px: int = 0,
        image_size: int | None = None,
        mean: float | Sequence[float] | None = None,
        std: float | Sequence[float] | None = None,
    ) -> None:
        super().__init__()
        loader.check_augmentations(batch_size, max_shift_px, flip, cutout_px, pad_px, image_size)
        self.batch_size = batch_size
        self.seed = seed
        self.max_shift_px = max_shift_px
        self.flip = flip
        self.cutout_px = cutout_px
        self.pad_px = pad_px
        self.image_size = image_size
        if mean is not None:
            self.mean = mean
        if std is not None:
            self.std = std
        self.splits: dict[str, Split] = {}

    @property
    @abstractmethod
    def num_classes(self) -> int:
        """Number of classes."""

    @abstractmethod
    def _read(self, split: str) -> Split:
        """Give one part: images (N, H, W) or (N, C, H, W) uint8, labels (N) int64."""

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """Give (channels, height, width) of the images of a batch."""
        channels, height, width = self.image_shape
        if self.image_size is not None:
            return channels, self.image_size, self.image_size
        return channels, height + 2 * self.pad_px, width + 2 * self.pad_px

    def class_names(self, lang: str = "en") -> tuple[str, ...]:
        """Give the names of the classes in Russian ("ru") or English ("en"). Raises: ValueError for another one."""
        language.check(lang)
        return self.names[lang]

    def setup(self, stage: str) -> None:
        """Read the parts that `stage` (fit, validate, test or predict) needs. Raises: DataError for bad files."""
        for split in PARTS.get(stage, ("test",)):
            self._split(split)
        self._measure()

    def train_dataloader(self) -> epochs.EpochLoader:
        """Shuffled and augmented batches of the training part."""
        return self._loader(
            "train", shuffle=True, max_shift_px=self.max_shift_px, flip=self.flip, cutout_px=self.cutout_px
        )

    def val_dataloader(self) -> epochs.EpochLoader | list[epochs.EpochLoader]:
        """Batches of the validation part, in order; nothing when the part is empty."""
        return self._loader("val") if len(self._split("val")[1]) else []

    def test_dataloader(self) -> epochs.EpochLoader:
        """Batches of the test part, in order."""
        return self._loader("test")

    def predict_dataloader(self) -> epochs.EpochLoader:
        """The same batches as `test_dataloader`."""
        return self._loader("test")

    def _split(self, split: str) -> Split:
        if split not in self.splits:
            self.splits[split] = self._read(split)
        return self.splits[split]

    def _measure(self) -> tuple[loader.PerChannel, loader.PerChannel]:
        """Give mean and standard deviation; set what is not set of them."""
        if self.mean is not None and self.std is not None:
            return self.mean, self.std
        mean, std = splits.channel_statistics(self._measured_images())
        # A constant channel stays zero instead of becoming undefined.
        std = tuple(value or 1.0 for value in std)
        if self.mean is None:
            self.mean = mean if len(mean) > 1 else mean[0]
        if self.std is None:
            self.std = std if len(std) > 1 else std[0]
        return self.mean, self.std

    def _measured_images(self) -> Iterator[Tensor]:
        """Give training images in chunks (N, C, H, W) uint8."""
        images = self._split("train")[0]
        yield from (images if images.dim() == 4 else images.unsqueeze(1)).split(NUM_IMAGES_AT_ONCE)

    def _loader(
        self,
        split: str,
        *,
        shuffle: bool = False,
        max_shift_px: int = 0,
        flip: str = "none",
        cutout_px: int = 0,
    ) -> epochs.EpochLoader:
        images, labels = self._split(split)
        mean, std = self._measure()
        device, rank, world_size = place(self)
        return loader.TensorLoader(
            images,
            labels,
            self.batch_size,
            mean=mean,
            std=std,
            shuffle=shuffle,
            max_shift_px=max_shift_px,
            flip=flip,
            cutout_px=cutout_px,
            pad_px=self.pad_px,
            image_size=self.image_size,
            seed=self.seed,
            device=device,
            rank=rank,
            world_size=world_size,
        )


def place(data: LightningDataModule) -> tuple[torch.device, int, int]:
    """Give the trainer's (device, rank, world size); the CPU alone without a trainer."""
    if data.trainer is None:
        return torch.device("cpu"), 0, 1
    return data.trainer.strategy.root_device, data.trainer.global_rank, data.trainer.world_size
