"""Mean and standard deviation of each channel of a data set that is too large to be held at once.

Sums over batches as in T. F. Chan, G. H. Golub, R. J. LeVeque, "Updating Formulae and a Pairwise Algorithm for
Computing Sample Variances" (1979).
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor


def channel_stats(batches: Iterable[tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
    """Give the mean and the standard deviation of each channel, over all pixels of all images.

    The deviation is that of the numbers themselves: the sum of squares is divided by their number n, not by n - 1.
    It holds for numbers of any size: nothing is lost when they are large and lie close together.

    Shape: batches of (images (N, C, H, W) floating, labels (N)); N may differ -> ((C), (C)) float32.

    Raises: ValueError when there is no image.
    """
    count, mean, squares = 0, torch.zeros(1, dtype=torch.float64), torch.zeros(1, dtype=torch.float64)
    for images, _ in batches:
        if len(images) == 0:
            continue
        pixels = images.double().transpose(0, 1).flatten(1)
        own_count, own_mean = pixels.shape[1], pixels.mean(1)
        step, share = own_mean - mean, own_count / (count + own_count)
        # Squares around the new mean: those around both old ones, and what the means are apart.
        squares = squares + (pixels - own_mean[:, None]).square().sum(1) + step.square() * count * share
        mean, count = mean + step * share, count + own_count
    if count == 0:
        raise ValueError("mean and standard deviation need at least one image; the batches hold none")
    return mean.float(), (squares / count).sqrt().float()
