"""Labelled images as they are stored, bytes or files: each backbone prepares them in its own way."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from lightning import LightningDataModule
from torch import Tensor

from hw_cnn import usage
from hw_cnn.data.feeding import in_memory


class Part(NamedTuple):
    """Images (N, H, W) or (N, C, H, W) uint8, or N files; labels (N) int64."""

    images: Tensor | Sequence[Path]
    labels: Tensor

    def select(self, rows: Tensor) -> Part:
        """Give the images of these numbers, in this order."""
        if isinstance(self.images, Tensor):
            return Part(self.images[rows], self.labels[rows])
        return Part([self.images[row] for row in rows.tolist()], self.labels[rows])

    def digest(self) -> str:
        """Change when an image changes: by its bytes, or by path, size and time of change of its file."""
        digest = hashlib.sha256()
        if isinstance(self.images, Tensor):
            digest.update(repr(tuple(self.images.shape)).encode())
            digest.update(self.images.contiguous().numpy().data)
        else:
            for path in self.images:
                status = path.stat()
                digest.update(f"{path.resolve()}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
        return digest.hexdigest()


def part_of(data: LightningDataModule, split: str) -> Part:
    """Give the `train`, `val` or `test` part of one of the library's data modules; missing files are downloaded.

    Raises: usage.InputError for a data module of another kind; DataError when files are missing or broken.
    """
    if not isinstance(data, in_memory.InMemoryDataModule):
        raise usage.InputError(
            f"{type(data).__name__} does not say which images it reads; take one of the library's data sets (--data)"
        )
    data.prepare_data()
    if not getattr(data, "in_memory", True):
        files = data.files(split)  # type: ignore[attr-defined]  # those that are not in memory have it
        return Part(files.paths, files.labels)
    data.setup("test" if split == "test" else "fit")
    return Part(*data.splits[split])


def draw(labels: Tensor, count: int, seed: int) -> Tensor:
    """Draw `count` rows at random, of each class as many as of another, or one more.

    Where a class has too few, the others give more. The rows come in random order.

    Raises: ValueError when there are not as many rows.
    """
    if not 1 <= count <= len(labels):
        raise ValueError(
            f"count (={count}) must be in 1..{len(labels)}: there are {len(labels)} labelled images"
        )
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(labels), generator=generator)
    # The place of each row among those of its class: first all first ones, then all second ones.
    place = torch.empty(len(labels), dtype=torch.int64)
    for label in labels.unique():
        members = (labels[order] == label).nonzero()[:, 0]
        place[members] = torch.arange(len(members))
    return order[place.argsort(stable=True)[:count]]
