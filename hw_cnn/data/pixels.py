"""Images as tensors: from rows of pixels to channels, from colours to grey.

Weights of grey: Recommendation ITU-R BT.601, 2.5.1.
"""

from __future__ import annotations

import torch
from torch import Tensor


def to_chw(image: Tensor) -> Tensor:
    """Turn an image of bytes, as files hold it, into what a network takes: channels first, numbers from 0 to 1.

    Byte 0 becomes 0.0 and byte 255 becomes 1.0. A grey image gets one channel; of four channels the last one, how
    opaque a pixel is, is left out.

    Shape: (H, W), (H, W, 3) or (H, W, 4) uint8 -> (1, H, W) or (3, H, W) float32.

    Raises: ValueError for another dtype, and for another number of axes or channels.
    """
    is_grey, has_colours = image.dim() == 2, image.dim() == 3 and image.shape[2] in (3, 4)
    if image.dtype != torch.uint8 or not (is_grey or has_colours):
        raise ValueError(
            f"image has shape {tuple(image.shape)} and dtype {image.dtype}; "
            "expected (H, W), (H, W, 3) or (H, W, 4) and torch.uint8"
        )
    planes = image[None] if is_grey else image[:, :, :3].permute(2, 0, 1)
    return planes.float() / 255


def to_gray(images: Tensor) -> Tensor:
    """Give the brightness of colour images: 0.299 of red, 0.587 of green and 0.114 of blue.

    Shape: (..., 3, H, W), floating -> (..., 1, H, W), the same dtype. Any number of axes may stand in front.
    """
    channels: tuple[Tensor, ...] = images.split(1, dim=-3)
    red, green, blue = channels
    return 0.299 * red + 0.587 * green + 0.114 * blue


def bgr_to_rgb(images: Tensor) -> Tensor:
    """Turn the order blue, green, red, in which some libraries read files, into red, green, blue.

    Shape: (..., 3, H, W) -> the same, as a new tensor. Any number of axes may stand in front.
    """
    return images.flip(-3)
