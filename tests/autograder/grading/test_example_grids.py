"""Examples by the real command: the smallest call, and where a network goes wrong first, drawn on the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.autograder.grading_support import ROOT, grade, hand_in, results, task

pytestmark = pytest.mark.slow

WRONG = ROOT / "assignments" / "seminar_cnn" / "wrong"
VARIANTS = ("f1_flipped", "g1_ceil_mode", "i1_mean_pooling", "j1_off_by_one")


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("grids")
    for name in VARIANTS:
        hand_in(folder / "in", name, solution=(WRONG / f"{name}.py").read_text(encoding="utf-8"))
    done = grade(folder / "in", folder / "out")
    assert done.returncode == 0, done.stderr
    return folder / "out"


def examples(out: Path, student: str) -> dict[str, dict[str, Any]]:
    """Name of the test -> its example, of the tests that have one."""
    tests = task(results(out)[student], student[:2].upper())["tests"]
    return {test["id"].partition("::test_")[2]: test["example"] for test in tests if test["example"]}


def shapes(example: dict[str, Any]) -> dict[str, list[int]]:
    return {f"{array['role']} {array['name']}".strip(): array["shape"] for array in example["arrays"]}


def test_a_convolution_of_three_by_three_with_whole_numbers(out: Path) -> None:
    (example,) = examples(out, "f1_flipped").values()
    assert example["call"] == "conv2d(x, weight)"
    assert shapes(example) == {
        "input x": [1, 1, 3, 3],
        "input weight": [1, 1, 2, 2],
        "got": [1, 1, 2, 2],
        "expected": [1, 1, 2, 2],
    }
    numbers = [
        n for array in example["arrays"] for part in array["parts"] for row in part["rows"] for n in row
    ]
    assert all(type(number) is int for number in numbers)
    got, expected = (array["parts"][0] for array in example["arrays"][-2:])
    differ = [
        [row, column]
        for row in range(2)
        for column in range(2)
        if got["rows"][row][column] != expected["rows"][row][column]
    ]
    assert differ, "an example shows a difference"
    assert got["marked"] == expected["marked"] == differ


def test_another_shape_is_told(out: Path) -> None:
    example = examples(out, "g1_ceil_mode")["ragged_size"]
    assert [array["other"] for array in example["arrays"]] == [False, True, False]


def test_few_rows_of_logits(out: Path) -> None:
    example = examples(out, "j1_off_by_one")["top1"]
    assert shapes(example)["input logits"][0] == shapes(example)["input targets"][0] <= 3
    assert example["arrays"][-1]["labels"] == ["1"]


def test_the_first_layer_that_differs(out: Path) -> None:
    example = examples(out, "i1_mean_pooling")["values"]
    assert "first difference: into " in example["call"]
    before, got, expected = example["arrays"]
    assert before["shape"][2] == 2 * got["shape"][2] == 2 * expected["shape"][2]
    assert got["parts"][0]["marked"]


def test_the_page_draws_them(out: Path) -> None:
    page = (out / "report" / "index.html").read_text(encoding="utf-8")
    assert page.count("<figure>") > 10
    assert page.count("<mark>") > 10
