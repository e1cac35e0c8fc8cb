"""A map of images on paper: features seen from the side on which they differ most (principal component analysis).

K. Pearson, "On lines and planes of closest fit to systems of points in space", Philosophical Magazine 2 (1901).
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor


class PCA(NamedTuple):
    """coordinates (N, num_components), and the share of the total variance that each component explains."""

    coordinates: Tensor
    explained_ratio: Tensor


def pca(features: Tensor, num_components: int = 2) -> PCA:
    """Project the features onto their `num_components` directions of largest variance.

    Exact (singular values in float64), and with a sign: the largest entry of each direction is positive. Features
    that are all equal explain nothing: their ratios are 0.

    Shape: features (N, d) -> coordinates (N, num_components), explained ratio (num_components), both float64.

    Raises: ValueError when the features have other axes, and for num_components outside 1..min(N, d).
    """
    if features.dim() != 2 or not 1 <= num_components <= min(features.shape):
        raise ValueError(
            f"features have shape {tuple(features.shape)}, num_components is {num_components}; expected (N, d) and "
            "1 to the smaller of N and d"
        )
    centred = features.double() - features.double().mean(0)
    left, values, directions = torch.linalg.svd(centred, full_matrices=False)
    largest = directions.abs().argmax(1, keepdim=True)
    signs = torch.where(directions.gather(1, largest) < 0, -1.0, 1.0)[:, 0]
    coordinates = (left * values * signs)[:, :num_components]
    variances = values.square()
    ratio = variances / variances.sum().clamp(min=torch.finfo(torch.float64).tiny)
    return PCA(coordinates, ratio[:num_components])
