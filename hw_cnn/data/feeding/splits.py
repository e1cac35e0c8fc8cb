"""Cutting labelled images into parts, and what is computed from the training part."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor


def stratified_split(labels: Tensor, size: int, seed: int) -> tuple[Tensor, Tensor]:
    """Choose `size` images at random with all classes in proportion: (indices of the rest, indices of the chosen).

    Each class gives its share size · n_class / n, rounded down or up (largest remainders, so that the sum is right).

    Shape: labels (N) int64 -> ((N - size) int64, (size) int64), each in ascending order.

    Raises: ValueError unless 0 <= size < N.
    """
    if not 0 <= size < len(labels):
        raise ValueError(
            f"size (={size}) of a part must be in 0..{len(labels) - 1}: there are {len(labels)} images"
        )
    counts = labels.bincount()
    # Whole numbers: shares that are equal must stay equal.
    chosen_counts = counts * size // len(labels)
    remainders = counts * size % len(labels)
    missing = size - int(chosen_counts.sum())
    chosen_counts[remainders.argsort(descending=True, stable=True)[:missing]] += 1
    generator = torch.Generator().manual_seed(seed)
    is_chosen = torch.zeros(len(labels), dtype=torch.bool)
    for label, count in enumerate(chosen_counts.tolist()):
        members = (labels == label).nonzero()[:, 0]
        is_chosen[members[torch.randperm(len(members), generator=generator)[:count]]] = True
    return (~is_chosen).nonzero()[:, 0], is_chosen.nonzero()[:, 0]


def channel_statistics(batches: Iterable[Tensor]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation (of the population) of each channel over all pixels of all batches, scaled to 0..1.

    Exact for bytes whatever the number of images: the sums are whole numbers.

    Shape: batches of (N, C, H, W) uint8; the sizes may differ -> (C numbers, C numbers).

    Raises: ValueError without any pixel.
    """
    values = torch.arange(256, dtype=torch.int64)
    histograms: list[Tensor] = []
    for batch in batches:
        channels = [plane.flatten().bincount(minlength=256).cpu() for plane in batch.transpose(0, 1)]
        histograms = [
            old + new
            for old, new in zip(
                histograms or [torch.zeros_like(values)] * len(channels), channels, strict=True
            )
        ]
    if not histograms or not int(histograms[0].sum()):
        raise ValueError("mean and standard deviation need at least one training image, there is none")
    means, stds = [], []
    for histogram in histograms:
        count = int(histogram.sum())
        total, squares = int((histogram * values).sum()), int((histogram * values**2).sum())
        means.append(total / count / 255)
        # count · Σx² - (Σx)² in whole numbers, so nothing cancels.
        stds.append((count * squares - total**2) ** 0.5 / count / 255)
    return tuple(means), tuple(stds)
