"""Shapes that a layer must cope with: nothing square, nothing equal."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st


@dataclass(frozen=True)
class Window:
    """Sizes of one convolution or pooling."""

    batch: int
    channels: int
    filters: int
    image: tuple[int, int]
    kernel: tuple[int, int]
    stride: int | tuple[int, int]
    padding: int | tuple[int, int]
    seed: int


def _one_or_two(numbers: st.SearchStrategy[int]) -> st.SearchStrategy[int | tuple[int, int]]:
    return numbers | st.tuples(numbers, numbers)


@st.composite
def windows(draw: st.DrawFn, half_kernel_padding: bool = False) -> Window:
    """Draw sizes for which at least one window fits. Poolings allow padding up to half the kernel only."""
    kernel = draw(st.tuples(st.integers(1, 4), st.integers(1, 4)))
    image = tuple(draw(st.integers(size, size + 5)) for size in kernel)
    limits = tuple(size // 2 for size in kernel) if half_kernel_padding else (3, 3)
    padding = st.integers(0, min(limits)) | st.tuples(*(st.integers(0, limit) for limit in limits))
    return Window(
        draw(st.integers(1, 3)),
        draw(st.integers(1, 3)),
        draw(st.integers(1, 3)),
        image,
        kernel,
        draw(_one_or_two(st.integers(1, 3))),
        draw(padding),
        draw(st.integers(0, 2**31)),
    )
