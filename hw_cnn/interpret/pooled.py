"""What pooling is for: fewer operations behind it, and features that change less when the image moves.

I. Goodfellow, Y. Bengio, A. Courville, "Deep Learning" (2016), section 9.3.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from hw_cnn import shapes


def pool_report(features: Tensor, shifted: Tensor, kernel_size: int | tuple[int, int]) -> tuple[float, float]:
    """Give (mac_ratio, cosine) of pooling by the maximum, with windows that stand side by side.

    mac_ratio: which part of its multiplications a following convolution keeps, one that has as many places as its
    input has; the numbers of channels do not matter. cosine: how alike the pooled maps of an image are to those of the
    shifted image, all channels together, as the mean over images; between -1 and 1. An image whose maps are zero has 0.

    A window is a number of cells, or a pair (vertical, horizontal); windows that do not fit are left out.

    Shape: features and shifted (N, C, H, W), floating, the maps of the same N images before and after a shift.

    Raises: ValueError when the shapes differ, when no window fits, or when a side of it is below 1.
    """
    if features.dim() != 4 or features.shape != shifted.shape or len(features) == 0:
        raise ValueError(
            f"features have shape {tuple(features.shape)}, shifted {tuple(shifted.shape)}; "
            "expected (N, C, H, W) twice, with N at least 1"
        )
    kernel = shapes.pair(kernel_size)
    if not all(1 <= cells <= side for cells, side in zip(kernel, features.shape[2:], strict=True)):
        raise ValueError(f"a window of {kernel} does not fit into maps of {tuple(features.shape[2:])}")
    pooled, pooled_shifted = (F.max_pool2d(maps, kernel) for maps in (features, shifted))
    # A convolution multiplies the same numbers of weights at each place.
    places = pooled[0, 0].numel() / features[0, 0].numel()
    alike = F.cosine_similarity(pooled.flatten(1), pooled_shifted.flatten(1))
    return places, float(alike.mean())
