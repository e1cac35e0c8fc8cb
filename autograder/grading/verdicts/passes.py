"""The batches of several passes through a data set, in a form that does not depend on an order drawn at random."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor


def in_order(passes: list[Any]) -> list[Any]:
    """The same, where passes differ in their order each of them sorted: any order will do that is drawn anew.

    Kept beside it are the sizes of batches, shapes and types. Nothing is sorted where the passes are alike, and where
    one of them is no list of (images, labels) that fit together; then they are compared as they are.
    """
    joined = [_joined(one) for one in passes]
    whole = [one for one in joined if one is not None]
    if len(whole) < len(passes) or all(torch.equal(one, whole[0]) for one in whole):
        return passes
    batches = [batch for one in passes for batch in one]
    kinds = [[f"{part.dtype} {tuple(part.shape)}" for part in batch] for batch in batches]
    return [kinds, [_sorted(one) for one in whole]]


def _joined(batches: Any) -> Tensor | None:
    """A row for each image, its label and its numbers, float64; None for what cannot be put together."""
    rows = []
    for batch in batches if isinstance(batches, list) else [None]:
        if not isinstance(batch, tuple) or len(batch) != 2 or not all(isinstance(x, Tensor) for x in batch):
            return None
        images, labels = batch
        if labels.dim() != 1 or labels.shape != images.shape[:1]:
            return None
        numbers = images.double().reshape(len(images), math.prod(images.shape[1:]))
        rows.append(torch.cat([labels[:, None].double(), numbers], 1))
    if not rows or any(row.shape[1] != rows[0].shape[1] for row in rows):
        return None
    return torch.cat(rows)


def _sorted(rows: Tensor) -> Tensor:
    # Rounded, so that two ways to the same number sort alike.
    keys = (rows * 1000).round().tolist()
    return rows[sorted(range(len(keys)), key=keys.__getitem__)]
