"""How a backbone wants its images: colours, size, mean and standard deviation of its own training."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from hw_cnn.data.feeding import epochs, file_loader, in_memory, loader
from hw_cnn.transfer import stored_images

# ITU-R BT.601; they add up to 1, so grey stays grey, before normalising and after it.
GREY = (0.299, 0.587, 0.114)
MAX_WORKERS = 8


@dataclass(frozen=True)
class Preprocessing:
    """What happens to stored images before the backbone sees them.

    They get `num_channels` (grey is repeated three times; of colours the weighted mean is taken) and `size_px` pixels
    on each side: by `pad_px` black pixels around them where that gives the size, else by bilinear resizing. Of files,
    the shorter side is resized to 8/7 of it and the centre taken. `mean` and `std` are numbers per channel, or one for
    all, of pixels scaled to 0..1. `is_channels_last` lays the numbers out pixel by pixel, which some networks compute
    faster.
    """

    num_channels: int
    size_px: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    pad_px: int = 0
    is_channels_last: bool = False

    def batches(
        self, part: stored_images.Part, batch_size: int, device: torch.device | str = "cpu"
    ) -> Batches:
        """Give all images of a part in order. Raises: DataError, while iterating, for a file that is no image."""
        if isinstance(part.images, Tensor):
            return Batches(self._of_bytes(part.images, part.labels, batch_size, device), self)
        # On a CPU the network itself keeps all processors busy.
        num_workers = 0 if torch.device(device).type == "cpu" else min(MAX_WORKERS, os.cpu_count() or 1)
        files = file_loader.FileLoader(
            list(part.images),
            part.labels,
            batch_size,
            image_size=self.size_px,
            mean=self._per_channel(self.mean),
            std=self._per_channel(self.std),
            num_workers=num_workers,
            device=device,
        )
        return Batches(files, self)

    def _of_bytes(
        self, images: Tensor, labels: Tensor, batch_size: int, device: torch.device | str
    ) -> loader.TensorLoader:
        images = images if images.dim() == 4 else images[:, None]
        if images.shape[1] < self.num_channels:
            images = images.expand(-1, self.num_channels, -1, -1)
        sides = {side + 2 * self.pad_px for side in images.shape[2:]}
        fits = sides == {self.size_px}
        return loader.TensorLoader(
            images,
            labels,
            batch_size,
            mean=self._per_channel(self.mean),
            std=self._per_channel(self.std),
            pad_px=self.pad_px if fits else 0,
            image_size=None if fits else self.size_px,
            device=device,
        )

    def _per_channel(self, values: tuple[float, ...]) -> loader.PerChannel:
        return values if len(values) > 1 else values[0]

    def finish(self, images: Tensor) -> Tensor:
        """Turn colours into grey where the backbone sees none, and lay the numbers out."""
        if images.shape[1] > self.num_channels:
            weights = torch.tensor(GREY, device=images.device).view(1, 3, 1, 1)
            images = (images * weights).sum(1, keepdim=True)
        if self.is_channels_last:
            return images.contiguous(memory_format=torch.channels_last)
        return images


class Batches:
    """Iterates over (images (B, C, H, W) float32, labels (B) int64), each time over all, in order."""

    def __init__(self, source: epochs.EpochLoader, preprocessing: Preprocessing) -> None:
        self.source = source
        self.preprocessing = preprocessing

    def __len__(self) -> int:
        return len(self.source)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        for images, labels in self.source:
            yield self.preprocessing.finish(images), labels


def of_data(data: in_memory.InMemoryDataModule) -> Preprocessing:
    """Give what `data` does to its validation images; it is set up for training if it has not measured them yet.

    Raises: DataError when mean and standard deviation must be measured and the images are missing or broken.
    """
    if data.mean is None or data.std is None:
        data.setup("fit")
    channels, height, _ = data.input_shape
    return Preprocessing(channels, height, _numbers(data.mean), _numbers(data.std), data.pad_px)


def _numbers(value: loader.PerChannel | None) -> tuple[float, ...]:
    if value is None:
        return (0.0,)
    return (float(value),) if isinstance(value, int | float) else tuple(map(float, value))
