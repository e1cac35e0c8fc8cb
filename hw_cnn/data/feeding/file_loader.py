"""Batches of images that stay in their files until they are needed: read by worker processes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import v2

from hw_cnn.data import errors
from hw_cnn.data.feeding import epochs, loader
from hw_cnn.data.reading import image_files

# In evaluation the images are a little larger than the square that is cut out of them (256 and 224 in the papers).
RESIZE_RATIO = 256 / 224

Item = tuple[Tensor, int] | errors.DataError


class FileLoader(epochs.EpochLoader):
    """Iterates over (images, labels) in batches that `num_workers` processes read from files.

    With `shuffle`, that is in training, a random part of each image (at least `crop_share` of its area, with an
    aspect ratio of 3/4 to 4/3) is resized to `image_size` (C. Szegedy et al., "Going deeper with convolutions", 2014,
    section 6) and, with `is_flipping`, mirrored by a coin. Otherwise the shorter side is resized to 8/7 of
    `image_size` and the central square taken. The random numbers of an image follow from `seed`, epoch and image,
    not from the number of workers. Batches are normalised as (image / 255 - mean) / std on `device`.

    Shape: batches of ((B, 3, image_size, image_size) float32, (B) int64).

    Raises: DataError, while iterating, for a file that cannot be read as an image.
    """

    def __init__(
        self,
        paths: list[Path],
        labels: Tensor,
        batch_size: int = 64,
        *,
        image_size: int,
        mean: loader.PerChannel,
        std: loader.PerChannel,
        shuffle: bool = False,
        crop_share: float = 0.08,
        is_flipping: bool = True,
        num_workers: int = 0,
        seed: int = 0,
        device: torch.device | str = "cpu",
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        super().__init__(len(paths), batch_size, shuffle=shuffle, seed=seed, rank=rank, world_size=world_size)
        self.labels = labels
        self.device = torch.device(device)
        like = torch.empty(0, 3, 1, 1, device=device)
        self.mean, self.std = loader.per_channel("mean", mean, like), loader.per_channel("std", std, like)
        transform = image_files.squares(image_size, round(image_size * RESIZE_RATIO))
        if shuffle:
            crop = v2.RandomResizedCrop(image_size, scale=(crop_share, 1.0), antialias=True)
            transform = v2.Compose([crop, v2.RandomHorizontalFlip(0.5 if is_flipping else 0.0)])
        self._plan: list[list[tuple[int, int]]] = []
        self._reader = DataLoader(
            _Files(paths, labels, transform),
            batch_sampler=self._plan,
            collate_fn=_collate,
            num_workers=num_workers,
            persistent_workers=num_workers > 0,
            pin_memory=self.device.type == "cuda",
            # Its own, or it would take a number from torch's generator in each pass.
            generator=torch.Generator(),
        )

    def _draw(self) -> Tensor:
        return torch.randint(2**62, (self.count,), generator=self.generator)

    def _batches(
        self, epoch: int, indices: Tensor, drawn: Tensor, bounds: list[tuple[int, int]]
    ) -> Iterator[epochs.Batch]:
        items = list(zip(indices.tolist(), drawn[indices].tolist(), strict=True))
        self._plan[:] = [items[start:stop] for start, stop in bounds]
        for batch in self._reader:
            # An exception raised in a worker would come out wrapped in the text of its traceback.
            if isinstance(batch, errors.DataError):
                raise batch
            images, labels = (part.to(self.device, non_blocking=True) for part in batch)
            yield loader.normalise(images, self.mean, self.std), labels


class _Files(Dataset[Item]):
    """Reads image number `index` with the random numbers of `seed`: all a worker has to know comes with the item."""

    def __init__(self, paths: list[Path], labels: Tensor, transform: v2.Transform) -> None:
        self.paths = paths
        self.labels = labels.tolist()
        self.transform = transform

    def __getitem__(self, item: tuple[int, int]) -> Item:
        index, seed = item
        try:
            image = image_files.read_image(self.paths[index])
        except errors.DataError as error:
            return error
        # torchvision draws from torch's own generator; whoever else does must not notice.
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)
            return self.transform(image), self.labels[index]


def _collate(items: list[Item]) -> epochs.Batch | errors.DataError:
    for item in items:
        if isinstance(item, errors.DataError):
            return item
    images, labels = zip(*items, strict=True)
    return torch.stack(images), torch.tensor(labels)
