"""The lecture's kernels, and what they make of a photograph.

All are symmetric, so convolution and cross-correlation are the same with them. The slide on sharpening lost its minus
signs: the kernel that stands there has the sum 9, so it is a blur that is nine times as bright.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from hw_cnn import usage

KERNELS = {
    "identity": torch.tensor([[0.0, 0, 0], [0, 1, 0], [0, 0, 0]]),
    "edge": torch.tensor([[0.0, 1, 0], [1, -4, 1], [0, 1, 0]]),
    "blur": torch.full((3, 3), 1 / 9),
    "sharpen": torch.tensor([[0.0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
    "misprint": torch.tensor([[0.0, 1, 0], [1, 5, 1], [0, 1, 0]]),
}


def apply(images: Tensor, kernel: Tensor) -> Tensor:
    """Slide `kernel` over every channel by itself; the border is mirrored, so that the size stays.

    Nothing is clipped: the edge kernel gives numbers of both signs.

    Shape: images (N, C, H, W) or (C, H, W), kernel (kH, kW) with odd sides -> the images' shape, floating.

    Raises: ValueError for a kernel with an even side, which has no middle, or one too large to mirror the border.
    """
    height, width = kernel.shape
    if height % 2 == 0 or width % 2 == 0 or height // 2 >= images.shape[-2] or width // 2 >= images.shape[-1]:
        raise ValueError(
            f"kernel has shape {(height, width)}; expected odd sides, and halves smaller than the image's "
            f"{tuple(images.shape[-2:])}"
        )
    values = images if images.is_floating_point() else images.float()
    planes = values.reshape(-1, 1, *values.shape[-2:])
    frame = (width // 2, width // 2, height // 2, height // 2)
    return F.conv2d(F.pad(planes, frame, mode="reflect"), kernel.to(planes)[None, None]).view_as(values)


def photo() -> Tensor:
    """Give a real photograph: Grace Hopper in uniform, which matplotlib ships, cut to its middle square.

    Shape: (3, 512, 512) uint8.

    Raises: InputError when matplotlib is not installed.
    """
    try:
        from matplotlib import cbook
    except ModuleNotFoundError as error:
        raise usage.InputError(
            "the photograph ships with matplotlib, which is not installed: pip install 'hw-cnn[explain]'"
        ) from error
    import numpy as np
    from PIL import Image

    with Image.open(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)) as image:
        pixels = torch.from_numpy(np.array(image.convert("RGB"))).permute(2, 0, 1)
    side = min(pixels.shape[1:])
    top, left = (pixels.shape[1] - side) // 2, (pixels.shape[2] - side) // 2
    return pixels[:, top : top + side, left : left + side].contiguous()
