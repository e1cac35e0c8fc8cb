"""The manifest refuses what would be unfair or ambiguous, with one sentence."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from autograder.course.manifest import Manifest, load_manifest
from autograder.errors import UsageError
from autograder.skeleton.new import new_assignment
from tests.autograder.manifests import plain, small, written


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


def with_presets(*presets: dict[str, Any]) -> dict[str, Any]:
    return plain() | {"presets": list(presets)}


def test_a_part_can_be_chosen_by_ids_in_any_case_and_order() -> None:
    whole = Manifest.model_validate(plain())
    assert whole.max_score == 14  # remembered, and not to be taken over
    part = whole.choose("a1")
    assert ([task.id for task in part.tasks], part.chosen, part.max_score) == (["A1"], ("A1",), 10)
    assert part.title == whole.title
    both = whole.choose(" B1, A1 ")
    assert ([task.id for task in both.tasks], both.max_score) == (["A1", "B1"], 14)
    assert Manifest.model_validate_json(part.model_dump_json(by_alias=True)) == part


def test_a_preset_is_a_homework_with_a_title_of_its_own() -> None:
    title = {"ru": "Начало", "en": "Beginning"}
    whole = Manifest.model_validate(with_presets({"id": "begin", "title": title, "tasks": ["A1"]}))
    part = whole.choose("begin")
    assert (part.title.en, part.chosen, part.name, part.presets) == ("Beginning", ("A1",), whole.name, ())


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("Z9", "there is no task 'Z9' in small; its tasks are A1, B1, its presets begin"),
        ("A1,a1", "task A1 is named twice"),
        ("B1", "task B1 depends on A1: add it, or leave B1 out"),
        ("", "there is no task ''"),
        ("begin,A1", "there is no task 'begin'"),
    ],
)
def test_a_choice_that_cannot_be_is_refused(wanted: str, said: str) -> None:
    title = {"ru": "Начало", "en": "Beginning"}
    whole = Manifest.model_validate(with_presets({"id": "begin", "title": title, "tasks": ["A1"]}))
    with pytest.raises(UsageError, match=re.escape(said)):
        whole.choose(wanted)


def test_a_part_without_any_test_is_refused() -> None:
    data = plain()
    data["tasks"].append(written())
    whole = Manifest.model_validate(data)
    with pytest.raises(UsageError, match="W is marked by a person: choose a task with tests, too"):
        whole.choose("W")
    assert whole.choose("A1,W").chosen == ("A1", "W")


@pytest.mark.parametrize(
    ("presets", "said"),
    [
        (
            [{"id": "end", "title": {"ru": "Конец", "en": "End"}, "tasks": ["B1"]}],
            "preset 'end': task B1 depends",
        ),
        (
            2 * [{"id": "x", "title": {"ru": "Х", "en": "X"}, "tasks": ["A1"]}],
            "preset 'x' appears more than once",
        ),
        ([{"id": "x", "title": {"ru": "Х", "en": "X"}, "tasks": []}], "at least 1 item"),
    ],
)
def test_presets_are_checked(presets: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Manifest.model_validate(with_presets(*presets))
    assert said in str(caught.value)


def test_what_the_grader_fills_in_is_refused_in_a_manifest(tmp_path: Path) -> None:
    text = new_assignment("week_5", tmp_path).joinpath("assignment.toml").read_text(encoding="utf-8")
    (tmp_path / "week_5" / "assignment.toml").write_text(f'chosen = ["P1"]\n{text}', encoding="utf-8")
    with pytest.raises(UsageError, match=r"remove `chosen`; a part is chosen with --tasks, or by a preset"):
        load_manifest(tmp_path / "week_5")
