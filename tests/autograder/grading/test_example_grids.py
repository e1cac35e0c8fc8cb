"""Examples by the real command: the smallest call, and where a network goes wrong first, drawn on the page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.autograder.grading_support import ROOT, grade, hand_in, results, task

pytestmark = pytest.mark.slow

WRONG = ROOT / "assignments" / "seminar_cnn" / "wrong"
VARIANTS = (
    "f1_flipped", "g1_ceil_mode", "i1_mean_pooling", "j1_off_by_one", "j1_ks_unused", "c1_through_float32",
    "d5_first_image", "d5_in_place", "d5_nothing_is_true",
)  # fmt: skip
NUMPY = """
import numpy as np

def conv1d_lecture(signal, kernel):
    signal, kernel = signal.detach().numpy(), kernel.detach().numpy()
    if len(kernel) % 2 == 0 or len(kernel) > len(signal):
        raise ValueError("lengths")
    return np.array([signal[k : k + len(kernel)] @ kernel[::-1] for k in range(len(signal) - len(kernel) + 1)])
"""


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("grids")
    for name in VARIANTS:
        hand_in(folder / "in", name, solution=(WRONG / f"{name}.py").read_text(encoding="utf-8"))
    hand_in(folder / "in", "c1_numpy", solution=NUMPY)
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


def test_a_check_of_equivariance_is_drawn_before_and_after_the_shift(out: Path) -> None:
    example = examples(out, "d5_first_image")["channels_and_images"]
    names = [array["name"] for array in example["arrays"]]
    assert names == ["x[1, 0]", "x[1, 0] after the shift", "f(x)[1, 0]", "f(x after the shift)[1, 0]"]
    assert [array["shape"] for array in example["arrays"]] == [[7, 7]] * 4
    assert all(len(array["parts"][0]["rows"]) == 7 for array in example["arrays"])
    before, after = (array["parts"][0] for array in example["arrays"][-2:])
    assert after["marked"]
    for i, j in after["marked"]:
        assert after["rows"][i][j] != before["rows"][i - 2][j - 2]
    assert (example["got"], example["expected"]) == ("True", "False")


def test_a_refusal_says_how_large_the_map_is(out: Path) -> None:
    (example,) = examples(out, "d5_nothing_is_true").values()
    assert example["call"].endswith("  # the map is 6x6, no place is left to compare")
    assert example["expected"] == "an exception, ValueError"


def test_an_image_that_was_changed_beside_a_function(out: Path) -> None:
    (example,) = examples(out, "d5_in_place").values()
    assert example["call"].endswith("# the function has changed its input x")


def test_of_a_refusal_the_call_that_should_be_refused(out: Path) -> None:
    example = examples(out, "j1_ks_unused")["too_large"]
    num_classes = shapes(example)["input logits"][1]
    largest = re.fullmatch(r"topk_error\(logits, targets, ks=\(1, (\d+)\)\)", example["call"])
    assert largest is not None
    assert int(largest[1]) > num_classes
    assert example["expected"] == "an exception, ValueError"


def test_float64_by_way_of_float32_is_named_and_its_call_shown(out: Path) -> None:
    found = task(results(out)["c1_through_float32"], "C1")
    assert [one["bug"] for one in found["diagnosis"]] == ["c1_through_float32"]
    (example,) = examples(out, "c1_through_float32").values()
    assert example["call"] == "conv1d_lecture(signal, kernel)"
    got, expected = (array["parts"][0] for array in example["arrays"][-2:])
    differ = [
        [0, column]
        for column, (one, other) in enumerate(zip(got["rows"][0], expected["rows"][0], strict=True))
        if abs(one - other) > 1e-10 * (1 + abs(other))
    ]
    assert got["marked"] == expected["marked"] == differ != []


def test_an_array_is_told_and_keeps_what_does_not_need_a_tensor(out: Path) -> None:
    found = task(results(out)["c1_numpy"], "C1")
    kept = {test["id"].partition("::test_")[2] for test in found["tests"] if test["passed"]}
    assert kept == {"even_kernel", "long_kernel", "inputs_unchanged"}
    got, expected = examples(out, "c1_numpy")["symmetric_kernel"]["arrays"][-2:]
    assert (got["type"], got["other"], expected["type"]) == ("numpy.ndarray", True, "torch.Tensor")
    assert got["parts"] == expected["parts"]


def test_the_page_draws_them(out: Path) -> None:
    pages = [path.read_text(encoding="utf-8") for path in (out / "report" / "students").glob("*.html")]
    assert sum(page.count("<figure>") for page in pages) > 10
    assert sum(page.count("<mark>") for page in pages) > 10
