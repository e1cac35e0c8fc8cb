"""Convolution of a row of numbers as mathematics defines it: the kernel is flipped.

Goodfellow, Bengio, Courville, "Deep Learning", section 9.1, formula 9.3.
"""

from __future__ import annotations

from torch import Tensor


def conv1d_lecture(signal: Tensor, kernel: Tensor) -> Tensor:
    """Convolve a row with a kernel of odd length 2w + 1, wherever the kernel lies wholly inside.

    n[k] = sum over i = -w..w of m[k + i] · a[-i], for k = w .. L-1-w; the kernel's numbers are a[-w], ..., a[w].

    Shape: signal (L), kernel (2w + 1), floating -> (L - 2w). Dtype and device are those of `signal`.

    Raises: ValueError when a tensor is no row, or the kernel has an even length or is longer than the signal.
    """
    if signal.dim() != 1 or kernel.dim() != 1:
        raise ValueError(
            f"signal has shape {tuple(signal.shape)}, kernel {tuple(kernel.shape)}; expected one axis each"
        )
    length = len(kernel)
    if length % 2 == 0 or length > len(signal):
        raise ValueError(
            f"kernel has {length} numbers; expected an odd length, at most that of the signal ({len(signal)})"
        )
    return signal.unfold(0, length, 1) @ kernel.flip(0)
