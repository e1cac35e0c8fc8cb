"""Convolution of a grey image as mathematics defines it: the kernel is flipped along both axes.

Goodfellow, Bengio, Courville, "Deep Learning", section 9.1, formula 9.5. `hw_cnn.layers.conv1d_lecture` is the same
along one axis; `hw_cnn.layers.conv2d` does not flip, as networks do not.
"""

from __future__ import annotations

from torch import Tensor


def conv2d_gray(image: Tensor, kernel: Tensor) -> Tensor:
    """Convolve a grey image with a kernel, wherever the kernel lies wholly inside.

    out[y, x] = sum over i, j of image[y + i, x + j] · kernel[p - 1 - i, q - 1 - j]

    Shape: image (H, W), kernel (p, q), floating -> (H - p + 1, W - q + 1). Dtype and device are those of `image`.

    Raises: ValueError when a tensor has not two axes, or the kernel is larger than the image.
    """
    if image.dim() != 2 or kernel.dim() != 2:
        raise ValueError(
            f"image has shape {tuple(image.shape)}, kernel {tuple(kernel.shape)}; expected two axes each"
        )
    (height, width), (p, q) = image.shape, kernel.shape
    out_h, out_w = height - p + 1, width - q + 1
    if out_h < 1 or out_w < 1:
        raise ValueError(f"a kernel of {p}x{q} does not fit into an image of {height}x{width}")
    out = image.new_zeros(out_h, out_w)
    for i in range(p):
        for j in range(q):
            out = out + image[i : i + out_h, j : j + out_w] * kernel[p - 1 - i, q - 1 - j]
    return out
