"""Which numbers of an array are shown, how they are written, and which of them are marked."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.grids.grid import Grid, written
from autograder.grids.parts import MOST_COLUMNS, MOST_PARTS, MOST_WHOLE_ROWS, differing, grid_of, pair_of

FLOATS = ("float32", "float32")


def rows(grid: Grid, number: int = 0) -> list[list[Any]]:
    return [list(row) for row in grid.parts[number].rows]


def test_a_small_array_is_shown_whole() -> None:
    grid = grid_of(np.arange(6, dtype=np.float32).reshape(1, 1, 2, 3), "float32", name="x")
    assert rows(grid) == [[0, 1, 2], [3, 4, 5]]
    assert (grid.kind, grid.title("en"), grid.heading(grid.parts[0])) == ("(1, 1, 2, 3) float32", "x", "")


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((), [[7]]), ((3,), [[7, 7, 7]]), ((2, 1), [[7], [7]]), ((1, 1, 1, 1, 2), [[7, 7]])],
)
def test_arrays_of_any_rank(shape: tuple[int, ...], expected: list[list[int]]) -> None:
    grid = grid_of(np.full(shape, 7.0), "float64")
    assert rows(grid) == expected
    assert grid.heading(grid.parts[0]) == ""


def test_an_empty_array_has_no_parts() -> None:
    assert grid_of(np.zeros((0, 3)), "float64").parts == ()


def test_each_image_and_channel_is_a_part_with_its_place() -> None:
    grid = grid_of(np.arange(16.0).reshape(2, 2, 2, 2), "float64")
    assert [grid.heading(part) for part in grid.parts] == [
        f"[{n}, {c}, :, :]" for n in (0, 1) for c in (0, 1)
    ]
    assert rows(grid, 3) == [[12, 13], [14, 15]]


def test_of_a_large_array_the_part_around_the_first_difference_is_shown() -> None:
    expected = np.zeros((2, 3, 30, 40))
    got = expected.copy()
    got[1, 2, 20, 39] = 1
    one, other = pair_of(got, expected, ("float64", "float64"))
    assert len(one.parts) == 1
    assert one.heading(one.parts[0]) == other.heading(other.parts[0]) == "[1, 2, 17:23, 30:40]"
    assert one.parts[0].marked == other.parts[0].marked == ((3, 9),)
    assert rows(one)[3][9] == 1
    assert rows(other)[3][9] == 0


def test_of_many_matrices_the_first_ones_that_differ_are_shown() -> None:
    expected = np.zeros((3, 4, 2, 2))
    got = expected + np.arange(3).reshape(3, 1, 1, 1)
    assert [part.index for part in pair_of(got, expected, FLOATS)[0].parts] == [(1, 0), (1, 1)]


def test_only_the_part_around_an_index() -> None:
    array = np.arange(2 * 2 * 20 * 20.0).reshape(2, 2, 20, 20)
    grid = grid_of(array, "float64", around=(1, 0, 10, 10))
    assert [grid.heading(part) for part in grid.parts] == ["[1, 0, 7:13, 7:13]"]
    one, _ = pair_of(array, array + (np.arange(2) == 1)[:, None, None, None], FLOATS, one_part=True)
    assert [part.index for part in one.parts] == [(1, 0)]


def test_another_shape_is_told_and_nothing_is_marked() -> None:
    one, other = pair_of(np.ones((2, 2)), np.ones((1, 2)), FLOATS)
    assert (one.other, other.other) == (True, False)
    assert (one.num_marked, other.num_marked) == (0, 0)


def test_another_dtype_is_told() -> None:
    one, other = pair_of(np.ones(2), np.ones(2), ("float32", "float64"))
    assert (one.other, other.other, one.kind) == (True, False, "(2,) float32")


@pytest.mark.parametrize(
    ("got", "expected", "marked"),
    [
        ([1.0, 2.0], [1.0, 2.0 + 1e-7], [1]),  # nothing else differs
        ([1.0, 3.0], [1.0 + 1e-7, 2.0], [1]),  # rounding beside a difference is none
        ([math.nan, 1.0], [math.nan, 2.0], [1]),
        ([math.inf, 1.0], [1.0, 1.0], [0]),
        ([1.0, 2.0], [1.0, 2.0], []),
        ([True, False], [True, True], [1]),
        ([1 << 60, 1], [1 << 60, 2], [1]),
        ([1j, 1.0], [1j, 2j], [1]),
    ],
)
def test_what_differs(got: list[Any], expected: list[Any], marked: list[int]) -> None:
    assert np.flatnonzero(differing(np.array(got), np.array(expected))).tolist() == marked


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([0.123456, -1000.4], ["0.1235", "-1000"]),
        ([1.0, 2.5], ["1", "2.5"]),
        ([math.nan, -math.inf], ["nan", "-inf"]),
        ([1e-12, 1e20], ["1e-12", "1e+20"]),
        ([1 + 2j, 0j], ["1+2j", "0+0j"]),
        ([True, False], ["1", "0"]),
        ([123456789, -1], ["123456789", "-1"]),
    ],
)
def test_how_numbers_are_written(values: list[Any], shown: list[str]) -> None:
    assert [written(value) for value in grid_of(np.array(values), "").parts[0].rows[0]] == shown


def test_numbers_that_differ_are_written_differently() -> None:
    one, other = pair_of(np.array([1.2345678, 1.0]), np.array([1.2345679, 1.0]), FLOATS)
    assert (rows(one)[0][0], rows(other)[0][0]) == (1.2345678, 1.2345679)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(0, 14), max_size=5),
    st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=8),
)
def test_a_grid_is_small_and_comes_back_from_json(shape: list[int], numbers: list[float]) -> None:
    got = np.resize(np.array(numbers), shape)
    for grid in pair_of(got, np.zeros(shape), FLOATS):
        assert len(grid.parts) <= MOST_PARTS
        assert all(len(part.rows) <= MOST_WHOLE_ROWS for part in grid.parts)
        assert all(len(row) <= MOST_COLUMNS for part in grid.parts for row in part.rows)
        assert Grid.model_validate_json(grid.model_dump_json()) == grid


@pytest.mark.parametrize("relative", [1e-5, 1e-8, 1e-12, 2.0**-52])
def test_what_is_marked_looks_different_however_small_the_difference(relative: float) -> None:
    """As where float64 was computed in float32: a few digits would show the same number twice."""
    expected = np.asarray([[1.2345678901234567, 0.1], [1 / 3, 2.0]])
    one, other = pair_of(expected * (1 + relative), expected, ("float64", "float64"))
    assert one.num_marked > 0
    for i, j in one.parts[0].marked:
        assert written(one.parts[0].rows[i][j]) != written(other.parts[0].rows[i][j])


@pytest.mark.parametrize(("size", "shown"), [(7, 7), (10, 10), (11, 6)])
def test_up_to_ten_rows_are_shown_whole(size: int, shown: int) -> None:
    grid = grid_of(np.ones((1, 1, size, size)), "float32")
    assert (len(rows(grid)), len(rows(grid)[0])) == (shown, 10 if size > 10 else size)
    assert (grid.heading(grid.parts[0]) == "") is (shown == size)


def test_what_is_marked_goes_by_the_tolerance_of_the_test() -> None:
    expected = np.asarray([0.1, 0.2, 8.0])
    got = expected.astype(np.float32).astype(np.float64)
    for tolerance, marked in (((1e-10, 1e-10), ((0, 0), (0, 1))), ((0.0, 2e-9), ((0, 1),))):
        one, other = pair_of(got, expected, ("float64", "float64"), tolerance=tolerance)
        assert one.parts[0].marked == other.parts[0].marked == marked
    one, _ = pair_of(got, expected, ("float64", "float64"), tolerance=(1.0, 1.0))
    assert one.num_marked, "where nothing differs by more, rounding is shown"


def test_frames_and_digits_of_ones_own() -> None:
    grid = grid_of(np.asarray([[1.00003, 2]]), "float32", marked=np.asarray([[False, True]]), digits=6)
    assert (rows(grid), grid.parts[0].marked) == ([[1.00003, 2]], ((0, 1),))
