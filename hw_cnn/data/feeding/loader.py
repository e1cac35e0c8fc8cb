"""Batches of small images that live in memory, on the device where they are used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from hw_cnn.data.feeding import epochs

FLIPS = ("none", "random", "alternating")
PerChannel = float | Sequence[float]


class _Drawn(NamedTuple):
    """Random numbers of one epoch, by the number of the image."""

    shifts_px: Tensor | None
    flips: Tensor | None
    centres_px: Tensor | None


class TensorLoader(epochs.EpochLoader):
    """Iterates over (images, labels) in batches; normalising and augmenting are tensor operations on the device.

    Each pass gives every image once; the last batch may be smaller. With `shuffle` each pass has a new order. The
    images are, in this sequence:

    - padded by `pad_px` on each side, once;
    - mirrored left to right where `flip` says so: "random" by a coin for each image and pass, "alternating" by a coin
      for each image in the first pass and then in every second pass (K. Jordan, "94% on CIFAR-10 in 3.29 seconds on a
      single GPU", 2024, section 3.6): two consecutive passes give both versions;
    - moved by a new whole number of pixels in -max_shift_px..max_shift_px along both axes;
    - covered by a square of side `cutout_px` around a random pixel (DeVries, Taylor, "Improved regularization of
      convolutional neural networks with cutout", 2017), which may reach over the border;
    - normalised as (image / 255 - mean) / std with a number or one number per channel;
    - resized to `image_size` pixels in height and width (bilinear, with antialiasing).

    What comes in from outside (padding, shift, cutout) is black: 0 before normalising. All random numbers are drawn
    on the CPU from `seed`: every device sees the same batches. Mirroring keeps a second copy of the images.
    `rank`, `world_size`, resuming: see EpochLoader.

    Shape: images (N, H, W) or (N, C, H, W) uint8, labels (N) int64 -> batches of
        ((B, C, H + 2 pad_px, W + 2 pad_px) or (B, C, image_size, image_size) float32; (B) int64).

    Raises: ValueError when images are not uint8 with three or four axes, the labels are not as many, or an argument
        is out of range.
    """

    def __init__(
        self,
        images: Tensor,
        labels: Tensor,
        batch_size: int = 64,
        *,
        mean: PerChannel = 0.0,
        std: PerChannel = 1.0,
        shuffle: bool = False,
        max_shift_px: int = 0,
        flip: str = "none",
        cutout_px: int = 0,
        pad_px: int = 0,
        image_size: int | None = None,
        seed: int = 0,
        device: torch.device | str = "cpu",
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        _check_tensors(images, labels)
        check_augmentations(batch_size, max_shift_px, flip, cutout_px, pad_px, image_size)
        super().__init__(
            len(labels), batch_size, shuffle=shuffle, seed=seed, rank=rank, world_size=world_size
        )
        self.images = (images if images.dim() == 4 else images.unsqueeze(1)).to(device)
        if pad_px:
            self.images = F.pad(self.images, [pad_px] * 4)
        self.labels = labels.to(device)
        self.mean = per_channel("mean", mean, self.images)
        self.std = per_channel("std", std, self.images)
        self.max_shift_px = max_shift_px
        self.flip = flip
        self.cutout_px = cutout_px
        self.image_size = image_size
        is_moving = self.count and (flip != "none" or max_shift_px)
        self._windows = self._all_windows() if is_moving else None
        # Of an own stream: whether images alternate must not depend on what else is drawn.
        coins = torch.Generator().manual_seed(seed)
        self._first_flips = torch.rand(self.count, generator=coins) < 0.5 if flip == "alternating" else None

    def _draw(self) -> _Drawn:
        limit, (height, width) = self.max_shift_px, self.images.shape[2:]
        shifts_px = (
            torch.randint(-limit, limit + 1, (self.count, 2), generator=self.generator) if limit else None
        )
        is_random = self.flip == "random"
        flips = torch.rand(self.count, generator=self.generator) < 0.5 if is_random else None
        if not self.cutout_px:
            return _Drawn(shifts_px, flips, None)
        rows, columns = (torch.randint(n, (self.count,), generator=self.generator) for n in (height, width))
        return _Drawn(shifts_px, flips, torch.stack([rows, columns], 1))

    def _batches(
        self, epoch: int, indices: Tensor, drawn: _Drawn, bounds: list[tuple[int, int]]
    ) -> Iterator[epochs.Batch]:
        if self._first_flips is not None:
            drawn = drawn._replace(flips=self._first_flips ^ bool(epoch % 2))
        # To the device once for the whole pass.
        shifts_px, flips, centres_px = (
            None if values is None else values[indices].to(self.labels.device) for values in drawn
        )
        on_device = indices.to(self.labels.device)
        labels = self.labels[on_device]
        starts = on_device if self._windows is None else self._starts(on_device, shifts_px, flips)
        cuts = (
            None
            if centres_px is None
            else [
                covered(centres_px[:, axis], self.cutout_px, self.images.shape[2 + axis]) for axis in (0, 1)
            ]
        )
        is_plain = self._windows is None and not self.shuffle and self.world_size == 1

        for start, stop in bounds:
            images = self.images[start:stop] if is_plain else self._pick(starts[start:stop])
            if cuts is not None:
                images = cut_out(images, *(cut[start:stop] for cut in cuts))
            yield self._finish(images), labels[start:stop]

    def _all_windows(self) -> Tensor:
        """Lay all images (then all mirrored ones) into one row of bytes, with black between them.

        A row of the image is followed by `max_shift_px` black pixels and an image is surrounded by as many black
        rows, so each shifted image is an uninterrupted stretch of bytes: picking it is a copy, whatever the shift.
        """
        limit = self.max_shift_px
        both = [self.images] if self.flip == "none" else [self.images, self.images.flip(-1)]
        planes = F.pad(torch.cat(both), [0, limit, limit, limit])
        self._plane_shape = planes.shape[1:]
        length = self._plane_shape.numel()
        row = planes.shape[3]
        # The first image moves right into what stands before it, the last one down into what stands after it.
        bytes_ = F.pad(planes.flatten(), [limit, 2 * limit * row + limit])
        return bytes_.unfold(0, length, 1)

    def _starts(self, indices: Tensor, shifts_px: Tensor | None, flips: Tensor | None) -> Tensor:
        """Give the first byte of each image's window."""
        limit, row = self.max_shift_px, self._plane_shape[2]
        images = indices if flips is None else indices + flips * self.count
        starts = images * self._plane_shape.numel() + limit * row + limit
        return starts if shifts_px is None else starts - shifts_px[:, 0] * row - shifts_px[:, 1]

    def _pick(self, starts: Tensor) -> Tensor:
        if self._windows is None:
            return self.images.index_select(0, starts)
        height, width = self.images.shape[2:]
        planes = self._windows.index_select(0, starts).view(-1, *self._plane_shape)
        return planes[:, :, :height, :width].contiguous()

    def _finish(self, images: Tensor) -> Tensor:
        batch = normalise(images, self.mean, self.std)
        if self.image_size is None or batch.shape[2:] == (self.image_size, self.image_size):
            return batch
        size = (self.image_size, self.image_size)
        return F.interpolate(batch, size, mode="bilinear", antialias=True)


def per_channel(name: str, value: PerChannel, images: Tensor) -> float | Tensor:
    """Give one number as it is, and one per channel as (C, 1, 1) float32 for `images` (N, C, H, W).

    Raises: ValueError for another number of numbers; `name` is for its sentence.
    """
    if isinstance(value, int | float):
        return value
    if len(value) != images.shape[1]:
        raise ValueError(
            f"{name} (={tuple(value)}) holds {len(value)} numbers; expected one number, or one for each of "
            f"{images.shape[1]} channels"
        )
    return torch.tensor(value, dtype=torch.float32, device=images.device).view(-1, 1, 1)


def normalise(images: Tensor, mean: float | Tensor, std: float | Tensor) -> Tensor:
    """Give (images / 255 - mean) / std. Shape: (N, C, H, W) uint8 -> (N, C, H, W) float32."""
    return images.float().div_(255).sub_(mean).div_(std)


def check_augmentations(
    batch_size: int, max_shift_px: int, flip: str, cutout_px: int, pad_px: int, image_size: int | None
) -> None:
    """Raises: ValueError when an argument of a TensorLoader is out of range."""
    if batch_size < 1 or max_shift_px < 0:
        raise ValueError(
            f"batch_size (={batch_size}) must be at least 1, max_shift_px (={max_shift_px}) at least 0"
        )
    if flip not in FLIPS:
        raise ValueError(f"flip (={flip!r}) must be one of {', '.join(map(repr, FLIPS))}")
    if cutout_px < 0 or pad_px < 0:
        raise ValueError(f"cutout_px (={cutout_px}) and pad_px (={pad_px}) must be at least 0")
    if image_size is not None and image_size < 1:
        raise ValueError(f"image_size (={image_size}) must be at least 1 pixel, or None to keep the size")


def _check_tensors(images: Tensor, labels: Tensor) -> None:
    if images.dtype != torch.uint8 or images.dim() not in (3, 4):
        raise ValueError(
            f"images have dtype {images.dtype} and shape {tuple(images.shape)}; "
            "expected uint8 and (N, H, W) or (N, C, H, W)"
        )
    if labels.shape != images.shape[:1]:
        raise ValueError(f"labels have shape {tuple(labels.shape)}; expected ({len(images)},), one per image")


def covered(centres_px: Tensor, side_px: int, length_px: int) -> Tensor:
    """Mark what a stretch of side_px pixels, beginning side_px // 2 before its centre, covers of an axis.

    Shape: centres_px (N) int64 -> (N, length_px) uint8, 255 where it is covered and 0 elsewhere.
    """
    distances = torch.arange(length_px, device=centres_px.device) - (centres_px - side_px // 2)[:, None]
    return ((distances >= 0) & (distances < side_px)).to(torch.uint8) * 255


def cut_out(images: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Blacken the rectangle of each image where both its row and its column are marked with 255.

    Shape: images (N, C, H, W) uint8, rows (N, H) uint8, columns (N, W) uint8 -> (N, C, H, W) uint8.
    """
    # Operations on bits are ten times as fast as masked_fill.
    return images & ~(rows[:, None, :, None] & columns[:, None, None, :])


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
