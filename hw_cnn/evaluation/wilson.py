"""How far a share measured on a finite number of images can be trusted."""

from __future__ import annotations

import math


def wilson(share: float, n: int, z: float = 1.96) -> tuple[float, float]:
    """Give the interval of a share (an accuracy, an error) measured on `n` images, 95 % for the default `z`.

    Wilson 1927, J. Am. Stat. Assoc. 22, 209-212. Unlike share ± z·sqrt(share(1-share)/n) it stays inside 0..1, and it
    has a width even where every image was right. Images count as independent draws; that another training would give
    another network is not in it.

    Raises: ValueError when `n` is below 1 or the share lies outside 0..1.
    """
    if n < 1 or not 0 <= share <= 1:
        raise ValueError(f"share (={share}) must lie in 0..1, n (={n}) must be at least 1")
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, centre - half), min(1.0, centre + half)
