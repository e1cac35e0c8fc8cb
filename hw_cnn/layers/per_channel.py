"""One kernel on every channel of a colour image: what image editors call a filter.

Gonzalez, Woods, "Digital Image Processing", chapter 3. The lecture's kernels are in `hw_cnn.interpret.kernels`.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

_BORDERS = {"zeros": "constant", "reflect": "reflect", "replicate": "replicate"}


def apply_kernel(image: Tensor, kernel: Tensor, mode: str = "reflect") -> Tensor:
    """Slide `kernel` over every channel by itself: cross-correlation, the kernel is not flipped.

    The image is framed so that the answer has its size. mode: what stands in the frame; "reflect": the image in a
    mirror, the pixel at the border is not repeated; "replicate": the pixel at the border; "zeros": zeros. Nothing is
    clipped or scaled: numbers below 0 and above 1 stay.

    Shape: image (C, H, W), kernel (p, q) with odd sides, floating -> (C, H, W). Dtype and device are those of `image`.

    Raises: ValueError for another mode, for a kernel with an even side, which has no middle, and in "reflect" for a
        kernel whose half is not smaller than the image along that axis.
    """
    p, q = kernel.shape
    if p % 2 == 0 or q % 2 == 0:
        raise ValueError(f"kernel has shape {(p, q)}; expected odd sides: an even one has no middle")
    if mode not in _BORDERS:
        raise ValueError(f"mode (={mode!r}) must be one of {', '.join(map(repr, _BORDERS))}")
    height, width = image.shape[1:]
    if mode == "reflect" and (p // 2 >= height or q // 2 >= width):
        raise ValueError(f"a mirror of {height} x {width} pixels is too small for a kernel of {p}x{q}")
    framed = F.pad(image, [q // 2, q // 2, p // 2, p // 2], mode=_BORDERS[mode])
    out = torch.zeros_like(image)
    for i in range(p):
        for j in range(q):
            out = out + framed[:, i : i + height, j : j + width] * kernel[i, j]
    return out
