"""The manifest refuses what would be unfair or ambiguous, with one sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from autograder.course.manifest import Manifest
from tests.autograder.manifests import plain, small


def test_a_valid_manifest_is_accepted() -> None:
    manifest = small()
    assert manifest.max_score == 14
    assert manifest.closure("B1") == ("A1", "B1")
    assert manifest.task_of_test("test_a1.py::test_corner").id == "A1"


def _set(path: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        *parents, last = path.split("/")
        here: Any = data
        for key in parents:
            here = here[int(key) if key.isdigit() else key]
        here[int(last) if last.isdigit() else last] = value

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_set("tasks/0/points", 11), "add up to 10 points, the task has 11"),
        (_set("tasks/0/tests/0/core", False), "at least 60 % needed"),
        (_set("tasks/1/depends_on", ["Z9"]), "'Z9', which is not another task"),
        (_set("tasks/0/depends_on", ["B1"]), "in a circle: A1 -> B1 -> A1"),
        (_set("tasks/1/id", "A1"), "task id 'A1' appears more than once"),
        (_set("tasks/1/symbols", ["hw_cnn.layers.convolution:conv2d"]), "appears more than once"),
        (_set("budget_minutes", 59), "compulsory tasks take 60 minutes, the budget is 59"),
        (_set("tasks/1/tests/0/threshold/high", 0.4), "low (=0.5) must be below high (=0.4)"),
        (_set("tasks/1/tests/0/threshold/margin", 0.1), "a margin stands in place of low and high"),
        (_set("tasks/1/tests/0/threshold/low", None), "low and high are needed, or a margin"),
        (_set("tasks/1/multiplier", {"test": "test_b1.py::test_none"}), "which is none of its tests"),
        (_set("tasks/0/multiplier", {"test": "test_a1.py::test_core"}), "so it needs a threshold"),
        (
            _set(
                "tasks/1/multiplier",
                {"test": "test_b1.py::test_accuracy", "spares": ["test_a1.py::test_core"]},
            ),
            "its multiplier names 'test_a1.py::test_core', which is none of its tests",
        ),
        (_set("colour", "red"), "Extra inputs are not permitted"),
        (_set("limits", {"memory_mb": 1}), "greater than or equal to 256"),
        (_set("tasks/0/tests/0/id", "test_core"), "String should match pattern"),
        (
            _set("tasks/0/forbidden", ["numpy.sin"]),
            "nobody can watch for 'numpy.sin'; forbidden may hold torch.nn.",
        ),
        (_set("tasks/0/forbidden", 2 * ["numpy.convolve"]), "'numpy.convolve' appears more than once"),
        (_set("tasks/0/title", {"en": "only English"}), "Field required"),
    ],
)
def test_an_unfair_manifest_is_refused(change: Callable[[dict[str, Any]], None], said: str) -> None:
    data = plain()
    change(data)
    with pytest.raises(ValidationError) as caught:
        Manifest.model_validate(data)
    assert said in str(caught.value)


def test_a_corner_case_costs_at_most_a_tenth() -> None:
    data = plain()
    data["tasks"][0]["tests"][0]["points"] = 8.9
    data["tasks"][0]["tests"][1]["points"] = 1.1
    with pytest.raises(ValidationError) as caught:
        Manifest.model_validate(data)
    assert "corner case test_a1.py::test_corner costs 1.1, more than 10 %" in str(caught.value)
