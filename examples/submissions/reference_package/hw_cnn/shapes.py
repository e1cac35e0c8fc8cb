"""Sizes of what convolutions and poolings take and give."""

from __future__ import annotations


def pair(value: int | tuple[int, int]) -> tuple[int, int]:
    """Give (vertical, horizontal) for one number or two.

    Raises: TypeError for anything but an int or a tuple of ints; ValueError for a tuple of another length.
    """
    values = (value, value) if isinstance(value, int) else value
    if not isinstance(values, tuple) or not all(type(number) is int for number in values):
        raise TypeError(f"{value!r} must be an int or a tuple of two ints, for example 2 or (2, 1)")
    if len(values) != 2:
        raise ValueError(
            f"{value!r} holds {len(values)} numbers; give one int, or two as (vertical, horizontal)"
        )
    return values


def out_size(n: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    """Count the positions at which a window lies wholly inside an axis of `n` numbers, padded on both sides.

    kernel: how many cells the window has. dilation: how far apart neighbouring cells stand. stride: the window stands
    at every so many places, from the first on. padding: how many numbers stand before the axis, and behind it.

    Raises: ValueError when the window is longer than the padded axis, or a number is out of range.
    """
    if n < 1 or kernel < 1 or stride < 1 or dilation < 1 or padding < 0:
        raise ValueError(
            f"n (={n}), kernel (={kernel}), stride (={stride}) and dilation (={dilation}) must be at least 1, "
            f"padding (={padding}) at least 0"
        )
    window, padded = dilation * (kernel - 1) + 1, n + 2 * padding
    if window > padded:
        raise ValueError(
            f"a window of {window} does not fit into {padded} (n={n}, padding={padding}); "
            "take a smaller kernel or more padding"
        )
    return (padded - window) // stride + 1


def same_padding(kernel: int, dilation: int = 1) -> int:
    """Give the padding on each side with which a window of stride 1 has as many positions as the axis has numbers.

    Raises: ValueError when no whole number does.
    """
    both_sides = dilation * (kernel - 1)
    if both_sides % 2:
        raise ValueError(
            f"kernel (={kernel}) with dilation (={dilation}) loses {both_sides} positions, which two sides cannot share"
        )
    return both_sides // 2
