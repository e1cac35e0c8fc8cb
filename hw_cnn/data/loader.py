"""Batches of small images that live in memory, on the device where they are used."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor


class TensorLoader:
    """Iterates over (images, labels) in batches; normalising and shifting are tensor operations on the device.

    Each pass gives every image once; the last batch may be smaller. With `shuffle` each pass has a new order, with
    `max_shift_px` each image moves by a new whole number of pixels in -max_shift_px..max_shift_px along both axes, and
    black (0) comes in from the border. Both are drawn on the CPU from `seed`: every device sees the same batches.

    Shape: images (N, H, W) or (N, C, H, W) uint8, labels (N) int64 -> batches of
        ((B, C, H, W) float32, normalised as (image / 255 - mean) / std; (B) int64).

    Raises: ValueError when images are not uint8 with three or four axes, the labels are not as many, or a number is
        out of range.
    """

    def __init__(
        self,
        images: Tensor,
        labels: Tensor,
        batch_size: int = 64,
        *,
        mean: float = 0.0,
        std: float = 1.0,
        shuffle: bool = False,
        max_shift_px: int = 0,
        seed: int = 0,
        device: torch.device | str = "cpu",
    ) -> None:
        if images.dtype != torch.uint8 or images.dim() not in (3, 4):
            raise ValueError(
                f"images have dtype {images.dtype} and shape {tuple(images.shape)}; "
                "expected uint8 and (N, H, W) or (N, C, H, W)"
            )
        if labels.shape != images.shape[:1]:
            raise ValueError(
                f"labels have shape {tuple(labels.shape)}; expected ({len(images)},), one per image"
            )
        if batch_size < 1 or max_shift_px < 0:
            raise ValueError(
                f"batch_size (={batch_size}) must be at least 1, max_shift_px (={max_shift_px}) at least 0"
            )
        self.images = (images if images.dim() == 4 else images.unsqueeze(1)).to(device)
        self.labels = labels.to(device)
        self.batch_size = batch_size
        self.mean, self.std = mean, std
        self.shuffle = shuffle
        self.max_shift_px = max_shift_px
        self.generator = torch.Generator().manual_seed(seed)

    def __len__(self) -> int:
        """Number of batches in one pass."""
        return -(-len(self.labels) // self.batch_size)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        count, device = len(self.labels), self.labels.device
        order = torch.randperm(count, generator=self.generator) if self.shuffle else torch.arange(count)
        limit = self.max_shift_px
        shifts = torch.randint(-limit, limit + 1, (count, 2), generator=self.generator) if limit else None
        for chosen in order.split(self.batch_size):
            index = chosen.to(device)
            images = self.images[index]
            if shifts is not None:
                images = shift(images, shifts[chosen].to(device))
            yield (images.float() / 255 - self.mean) / self.std, self.labels[index]


def shift(images: Tensor, shifts_px: Tensor) -> Tensor:
    """Move each image down and to the right by its own whole numbers of pixels; zeros come in from the border.

    Shape: images (N, C, H, W), shifts_px (N, 2) int64 as (down, right) -> (N, C, H, W).
    """
    height, width = images.shape[2:]
    rows = torch.arange(height, device=images.device) - shifts_px[:, :1]
    columns = torch.arange(width, device=images.device) - shifts_px[:, 1:]
    inside = ((rows >= 0) & (rows < height))[:, :, None] & ((columns >= 0) & (columns < width))[:, None, :]
    source = rows.clamp(0, height - 1)[:, :, None] * width + columns.clamp(0, width - 1)[:, None, :]
    moved = images.flatten(2).gather(2, source.flatten(1)[:, None, :].expand(-1, images.shape[1], -1))
    return moved.view_as(images) * inside[:, None]
