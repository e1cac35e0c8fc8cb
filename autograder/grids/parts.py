"""From a NumPy array to the grid that is shown: which numbers, to how many digits, and which of them differ."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from autograder.grids.grid import Grid, Number, Part, Role

Array = npt.NDArray[Any]

# Shown whole up to so many rows and columns; of more rows a few around what differs.
MOST_WHOLE_ROWS, MOST_ROWS, MOST_COLUMNS, MOST_PARTS = 10, 6, 10, 4
# Around an index of an image, so that three of them stand side by side.
IMAGE_COLUMNS = 6
# Of an array that has more matrices than `MOST_PARTS`, so that a page does not drown in one example.
FEW_PARTS = 2
# A float64 has at most 17 digits.
DIGITS, MOST_DIGITS, MOST_COMPARED = 4, 17, 256
# Up to here a whole number is written with all its digits.
MOST_WHOLE = 10**9
Tolerance = tuple[float, float]
"""Relative, absolute."""
# Where nothing says which: numbers differ by the first of these under which any do.
TOLERANCES: tuple[Tolerance, ...] = ((1e-4, 1e-5), (1e-7, 1e-10), (0.0, 0.0))


def grid_of(
    array: Array,
    dtype: str,
    role: Role = "input",
    name: str = "",
    around: tuple[int, ...] | None = None,
    *,
    marked: npt.NDArray[np.bool_] | None = None,
    digits: int = DIGITS,
) -> Grid:
    """One array without anything to compare it with. array: bool, int, float or complex, of any shape.

    around: an index; then only the part around it is shown. marked: numbers that get a frame, of the array's shape.
    """
    apart = np.zeros(array.shape, bool) if marked is None else marked
    return _grid(array, dtype, role, name, apart, digits, around)


def pair_of(
    got: Array,
    expected: Array,
    dtypes: tuple[str, str],
    name: str = "",
    *,
    one_part: bool = False,
    tolerance: Tolerance | None = None,
) -> tuple[Grid, Grid]:
    """An answer beside what was expected: the same parts of both, those in which they differ first.

    one_part: only the part around the first difference is shown. tolerance: that of the test.
    """
    if got.shape != expected.shape:
        pair = grid_of(got, dtypes[0], "got", name), grid_of(expected, dtypes[1], "expected", name)
        return pair[0].model_copy(update={"other": True}), pair[1]
    apart = differing(got, expected, tolerance)
    digits, around = _digits(got[apart], expected[apart]), first(apart) if one_part else None
    one = _grid(got, dtypes[0], "got", name, apart, digits, around)
    other = _grid(expected, dtypes[1], "expected", name, apart, digits, around)
    return one.model_copy(update={"other": dtypes[0] != dtypes[1]}), other


def first(apart: npt.NDArray[np.bool_]) -> tuple[int, ...]:
    """The first index at which something differs; the beginning where nothing does."""
    found = np.argwhere(apart)
    return tuple(int(i) for i in found[0]) if len(found) else (0,) * apart.ndim


def differing(got: Array, expected: Array, tolerance: Tolerance | None = None) -> npt.NDArray[np.bool_]:
    """Where two arrays of one shape differ by more than a test allows; without `tolerance` rounding counts only where
    nothing else does, and so it does where nothing differs by more.
    """
    kind = np.complex128 if np.iscomplexobj(got) or np.iscomplexobj(expected) else np.float64
    one, other = got.astype(kind), expected.astype(kind)
    apart = np.zeros(got.shape, bool)
    for rtol, atol in TOLERANCES if tolerance is None else (tolerance, *TOLERANCES):
        with np.errstate(invalid="ignore", over="ignore"):
            apart = np.asarray(~np.isclose(one, other, rtol=rtol, atol=atol, equal_nan=True))
        if apart.any():
            break
    return apart


def _grid(
    array: Array,
    dtype: str,
    role: Role,
    name: str,
    apart: npt.NDArray[np.bool_],
    digits: int,
    around: tuple[int, ...] | None,
) -> Grid:
    shape = array.shape
    if 0 in shape:
        return Grid(name=name, role=role, shape=shape, dtype=dtype)
    matrices = array.reshape(-1, *(1, 1, *shape)[-2:])
    marks = apart.reshape(matrices.shape)
    parts = []
    for number in _chosen(marks) if around is None else [_number_of(around[:-2], shape[:-2])]:
        index = tuple(int(i) for i in np.unravel_index(number, shape[:-2])) if shape[:-2] else ()
        at = first(marks[number]) if around is None else (0, 0, *around)[-2:]
        columns = MOST_COLUMNS if around is None or array.ndim < 3 else IMAGE_COLUMNS
        is_whole = around is None and matrices.shape[1] <= MOST_WHOLE_ROWS
        rows = MOST_WHOLE_ROWS if is_whole else MOST_ROWS
        parts.append(_part(matrices[number], marks[number], index, at, digits, (rows, columns)))
    return Grid(name=name, role=role, shape=shape, dtype=dtype, parts=tuple(parts))


def _number_of(index: tuple[int, ...], shape: tuple[int, ...]) -> int:
    return int(np.ravel_multi_index(index, shape)) if shape else 0


def _chosen(marks: npt.NDArray[np.bool_]) -> list[int]:
    """Numbers of the matrices that are shown: all of a few, of many the first in which something differs."""
    if len(marks) <= MOST_PARTS:
        return list(range(len(marks)))
    different: list[int] = np.flatnonzero(marks.any(axis=(1, 2)))[:FEW_PARTS].tolist()
    return different or list(range(FEW_PARTS))


def _part(
    matrix: Array,
    marks: npt.NDArray[np.bool_],
    index: tuple[int, ...],
    at: tuple[int, ...],
    digits: int,
    sizes: tuple[int, int],
) -> Part:
    """sizes: how many rows and columns are shown at most."""
    row, column = (
        max(0, min(place - size // 2, n - size))
        for place, size, n in zip(at, sizes, matrix.shape, strict=True)
    )
    window = (slice(row, row + sizes[0]), slice(column, column + sizes[1]))
    rows = tuple(tuple(_number(value, digits) for value in line) for line in matrix[window].tolist())
    marked = tuple((int(i), int(j)) for i, j in np.argwhere(marks[window]))
    return Part(index=index, row=row, column=column, rows=rows, marked=marked)


def _number(value: Any, digits: int) -> Number:
    if isinstance(value, bool | int):
        return int(value)
    if isinstance(value, float):
        text = f"{value:.{digits}g}"
        rounded = float(text)
        if not math.isfinite(rounded):  # the largest numbers are rounded beyond what there is
            return text
        # Whole numbers are written without a point.
        return int(rounded) if rounded.is_integer() and abs(rounded) < MOST_WHOLE else rounded
    return f"{value:.{digits}g}"


def _digits(got: Array, expected: Array) -> int:
    """As many as it takes so that numbers which differ are written differently."""
    for digits in range(DIGITS, MOST_DIGITS):
        pairs = zip(got[:MOST_COMPARED].tolist(), expected[:MOST_COMPARED].tolist(), strict=True)
        if all(_number(one, digits) != _number(other, digits) for one, other in pairs):
            return digits
    return MOST_DIGITS
