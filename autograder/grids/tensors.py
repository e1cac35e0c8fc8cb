"""Grids of what calls take and give: tensors, numbers, and shallow collections of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from autograder.grids.grid import Grid, Role
from autograder.grids.parts import MOST_COLUMNS, Tolerance, differing, grid_of, pair_of

MOST_GRIDS = 6
# Enough to see by how much two of them differ.
DIGITS_OF_PICTURES = 6
TYPES: Mapping[type, str] = {Tensor: "torch.Tensor", np.ndarray: "numpy.ndarray"}
# Of a key above a column.
MOST_CHARACTERS = 20


def arguments(names: Sequence[str], args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[Grid, ...]:
    """The tensors among the arguments of a call, by their names. names: of the function's parameters."""
    named = [
        (names[position] if position < len(names) else f"[{position}]", value)
        for position, value in enumerate(args)
    ]
    grids = [
        grid_of(array(value), dtype(value), "input", name)
        for name, value in (*named, *kwargs.items())
        if isinstance(value, Tensor)
    ]
    return tuple(grids[:MOST_GRIDS])


def answer(value: Any, role: Role, name: str = "", around: tuple[int, ...] | None = None) -> tuple[Grid, ...]:
    """An answer with nothing beside it; nothing for what is neither a number nor a tensor.

    around: an index of a tensor; then only the part around it is shown.
    """
    found = _array(value)
    if found is None:
        return ()
    numbers, kind, labels = found
    return (_labelled(grid_of(numbers, kind, role, name, around), kind, labels),)


def illustrated(value: Tensor | tuple[Tensor, Tensor], name: str) -> Grid:
    """A tensor that explains a call; of a pair the second, of bool, says which of its numbers get a frame."""
    numbers, marked = value if isinstance(value, tuple) else (value, None)
    frames = None if marked is None else array(marked)
    return grid_of(array(numbers), dtype(numbers), "input", name, marked=frames, digits=DIGITS_OF_PICTURES)


def pair(
    got: Any,
    expected: Any,
    name: str = "",
    *,
    one_part: bool = False,
    tolerance: Tolerance | None = None,
) -> tuple[Grid, ...]:
    """An answer and what was expected, the numbers that differ marked; of a collection the first item that differs.

    Where the two are of different types, these are told. one_part: of tensors only the part around the first difference
    is shown. tolerance: by how much the test lets numbers differ.
    """
    one, other = _array(got), _array(expected)
    if one is None and other is None:
        return _first_of(got, expected, name, tolerance)
    if one is None or other is None or one[2] != other[2]:
        if isinstance(got, dict) and isinstance(expected, dict) and one is not None and other is not None:
            return _of_other_keys(got, expected, name)
        alone = (grid.model_copy(update={"other": True}) for grid in answer(got, "got", name))
        return (*alone, *answer(expected, "expected", name))
    grids = pair_of(one[0], other[0], (one[1], other[1]), name, one_part=one_part, tolerance=tolerance)
    labelled = [_labelled(grid, grid.dtype, one[2]) for grid in grids]
    if type(got) is type(expected) or (isinstance(got, Tensor) and isinstance(expected, Tensor)):
        return tuple(labelled)
    is_needed = isinstance(expected, Tensor)  # a number may be a tensor, and a tensor must be one
    return tuple(
        grid.model_copy(
            update={
                "type": _type_beside(grid, value),
                "other": grid.other or (is_needed and grid.role == "got"),
            }
        )
        for grid, value in zip(labelled, (got, expected), strict=True)
    )


def _type_beside(grid: Grid, value: Any) -> str:
    """The type as people write it; "" where the grid tells it already."""
    name = next((said for kind, said in TYPES.items() if isinstance(value, kind)), type(value).__name__)
    return "" if name == grid.dtype else name


def _labelled(grid: Grid, kind: str, labels: tuple[str, ...]) -> Grid:
    """A dictionary's numbers have keys in place of a shape, and a list has none."""
    is_collection = bool(labels) or kind in (list.__name__, tuple.__name__)
    return grid.model_copy(update={"labels": labels, "shape": ()}) if is_collection else grid


def _of_other_keys(got: Mapping[Any, Any], expected: Mapping[Any, Any], name: str) -> tuple[Grid, ...]:
    """Two dictionaries of numbers side by side: marked are the keys that are not in both, and the numbers that differ
    under one that is."""
    grids: list[Grid] = []
    sides: tuple[tuple[Mapping[Any, Any], Mapping[Any, Any], Role], ...] = (
        (got, expected, "got"),
        (expected, got, "expected"),
    )
    for side, opposite, role in sides:
        columns = list(enumerate(side))
        others = tuple(column for column, key in columns if key not in opposite)
        marked = tuple(
            (0, column) for column, key in columns if key in opposite and _differ(side[key], opposite[key])
        )
        for grid in answer(dict(side), role, name):
            parts = tuple(part.model_copy(update={"marked": marked}) for part in grid.parts)
            grids.append(grid.model_copy(update={"parts": parts, "other_labels": others}))
    return tuple(grids)


def _differ(one: float, other: float) -> bool:
    return bool(differing(np.asarray(float(one)), np.asarray(float(other))).any())


def _first_of(got: Any, expected: Any, name: str, tolerance: Tolerance | None) -> tuple[Grid, ...]:
    if isinstance(got, dict) and isinstance(expected, dict):
        items = [(f"{name}[{key!r}]", got[key], expected[key]) for key in expected if key in got]
    elif isinstance(got, list | tuple) and isinstance(expected, list | tuple):
        items = [
            (f"{name}[{i}]", one, other) for i, (one, other) in enumerate(zip(got, expected, strict=False))
        ]
    else:
        return ()
    for part, one, other in items:
        grids = pair(one, other, part, tolerance=tolerance)
        if any(grid.num_marked or grid.other for grid in grids):
            return grids
    return ()


def _array(value: Any) -> tuple[npt.NDArray[Any], str, tuple[str, ...]] | None:
    """(numbers, dtype, labels of the columns); None for what is no array, and for True and False, which are words."""
    if isinstance(value, Tensor | np.ndarray):
        return array(value), dtype(value), ()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return np.asarray(float(value) if isinstance(value, int) and abs(value) >= 1 << 63 else value), "", ()
    if isinstance(value, dict) and 0 < len(value) <= MOST_COLUMNS and _is_numbers(list(value.values())):
        return (
            np.asarray([list(map(float, value.values()))]),
            "dict",
            tuple(repr(key)[:MOST_CHARACTERS] for key in value),
        )
    if type(value) in (list, tuple) and 0 < len(value) <= MOST_COLUMNS and _is_numbers(value):
        return np.asarray([list(map(float, value))]), type(value).__name__, ()
    return None


def _is_numbers(values: Sequence[Any]) -> bool:
    return all(isinstance(value, bool | int | float) for value in values)


def array(value: Tensor | npt.NDArray[Any]) -> npt.NDArray[Any]:
    """As NumPy, with the numbers of the dtype; half precision as single."""
    if isinstance(value, np.ndarray):
        return value
    plain = value.detach().cpu()
    if plain.dtype.is_floating_point and plain.dtype not in (torch.float32, torch.float64):
        plain = plain.float()
    found: npt.NDArray[Any] = plain.resolve_conj().resolve_neg().numpy()
    return found


def dtype(value: Tensor | npt.NDArray[Any]) -> str:
    """`float32`."""
    return str(value.dtype).removeprefix("torch.")
