"""Points are withheld for a call that ran, staff are told of one that was only named, and give points back."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograder.course.manifest import Manifest
from autograder.errors import UsageError
from autograder.grading.withheld import only_named, restore, with_overrides, withhold
from autograder.intake.task_like import NamedCall
from autograder.remote.forbidden import SeenCall
from autograder.results.grade import Grade, Override, TaskResult
from autograder.results.store import Store
from autograder.text import Text
from tests.autograder.manifests import plain
from tests.autograder.results.support import earning, make_grade

CONV, LAYER, UNFOLD = "torch.nn.functional.conv2d", "torch.nn.Conv2d", "torch.nn.functional.unfold"
CELL = Text(ru="ячейка A1", en="cell A1")
AT = datetime(2026, 10, 1, tzinfo=UTC)


def manifest() -> Manifest:
    data = plain()
    data["tasks"][0]["forbidden"] = [CONV, LAYER, UNFOLD]
    return Manifest.model_validate(data)


def result(score: float = 7.5) -> TaskResult:
    return earning(TaskResult(id="A1", title="t", score=0, max_score=10, source="cell A1", tests=()), score)


def graded(task: TaskResult, *overrides: Override) -> Grade:
    return make_grade().model_copy(update={"tasks": (task,), "score": task.score, "overrides": overrides})


def decision(points: float, task: str = "A1") -> Override:
    return Override(task=task, points=points, reason="a comparison", by="Mary", at=AT)


def test_a_call_that_ran_costs_the_task_and_says_what_and_where() -> None:
    held = withhold(result(), [SeenCall(CONV, CELL, 3, is_named=True), SeenCall(CONV, None, 0)], "en")
    assert (held.score, held.withheld, held.max_score) == (0.0, 7.5, 10)
    assert held.message == (
        "The points are withheld (it would be 7.5 points): the solution calls F.conv2d (cell A1, line 3), and that is "
        "off limits in this task. If that is how you check yourself, move the assertion out of the function; if that "
        "is how you compute the answer, compute it yourself. Then hand in again. Staff can restore the points."
    )
    assert held.calls == "F.conv2d (cell A1, line 3)", "for staff, without advice to the student"
    nothing = withhold(result(0.0), [SeenCall(CONV, CELL, 3)], "en").message
    assert nothing.startswith("The points are withheld: the solution calls")
    russian = withhold(result(), [SeenCall(CONV, CELL, 3, is_named=True)], "ru").message
    assert "(было бы 7,5 балла)" in russian
    assert "F.conv2d (ячейка A1, строка 3)" in russian
    assert "вынесите проверку (assert) из функции" in russian


def test_where_no_line_is_known_the_place_of_the_solution_is_named() -> None:
    assert (
        "F.conv2d or what computes the same (cell A1),"
        in withhold(result(), [SeenCall(CONV, None, 0)], "en").message
    )


def test_nothing_seen_changes_nothing() -> None:
    assert withhold(result(), (), "en") == result()


def test_staff_are_told_of_what_is_only_named() -> None:
    named = [NamedCall("A1", CONV, CELL, 3), NamedCall("A1", UNFOLD, CELL, 5)]
    both = only_named(named, {}, "en")
    assert both[0] == (
        "A1: the source names F.conv2d (cell A1, line 3), but no call was seen while the task was tested; have a look"
    )
    assert len(both) == 2
    # The layer computes by the same operator: what was named has been seen.
    assert only_named(named, {"A1": [SeenCall(LAYER, CELL, 3)]}, "en") == both[1:]
    assert only_named(named, {"B1": [SeenCall(LAYER, CELL, 3)]}, "ru")[0].startswith("A1: в тексте решения")


@pytest.mark.parametrize(
    ("score", "withheld", "points", "expected"),
    [
        (0.0, 7.5, 7.5, (7.5, 0.0)),
        (0.0, 7.5, 5.0, (5.0, 2.5)),
        (0.0, 9.0, 7.5, (7.5, 1.5)),
        (9.0, 0.0, 7.5, (9.0, 0.0)),
        (3.0, 0.0, 7.5, (7.5, 0.0)),
    ],
)
def test_a_decision_raises_and_never_lowers(
    score: float, withheld: float, points: float, expected: tuple[float, float]
) -> None:
    task = result(score).model_copy(update={"withheld": withheld})
    once = with_overrides(graded(task, decision(points), decision(1.0), decision(99.0, "B1")))
    assert (once.tasks[0].score, once.tasks[0].withheld) == expected
    assert once.score == expected[0]
    assert with_overrides(once) == once


def stored(tmp_path: Path, task: TaskResult) -> Store:
    store = Store(tmp_path)
    store.save(graded(task))
    store.save(make_grade("boris"))
    return store


def test_restore_writes_the_result_and_the_table(tmp_path: Path) -> None:
    held = withhold(result(), [SeenCall(CONV, CELL, 3)], "en")
    store = stored(tmp_path, held)
    grade = restore(store, manifest(), "anna", manifest().task("A1"), "Mary", " a comparison ")
    assert store.load("anna") == grade
    (override,) = grade.overrides
    assert (override.task, override.points, override.by, override.reason) == (
        "A1",
        7.5,
        "Mary",
        "a comparison",
    )
    assert (grade.tasks[0].score, grade.tasks[0].withheld, grade.score) == (7.5, 0.0, 7.5)
    with (tmp_path / "scores.csv").open(encoding="utf-8", newline="") as stream:
        rows = {row["student"]: row for row in csv.DictReader(stream)}
    assert {name: (row["score"], row["A1"]) for name, row in rows.items()} == {
        "anna": ("7.5", "7.5"),
        "boris": ("7.5", "7.5"),
    }
    with pytest.raises(UsageError, match="nothing is withheld from anna in task A1"):
        restore(store, manifest(), "anna", manifest().task("A1"), "Mary", "again")


@pytest.mark.parametrize(
    ("student", "task", "by", "reason", "said"),
    [
        ("nobody", "A1", "Mary", "why", "holds no result of 'nobody'"),
        ("boris", "A1", "Mary", "why", "nothing is withheld from boris"),
        ("anna", "B1", "Mary", "why", "nothing is withheld from anna in task B1"),
        ("anna", "A1", " ", "why", "cannot be empty"),
        ("anna", "A1", "Mary", "", "cannot be empty"),
    ],
)
def test_restore_refuses_and_changes_nothing(
    tmp_path: Path, student: str, task: str, by: str, reason: str, said: str
) -> None:
    store = stored(tmp_path, withhold(result(), [SeenCall(CONV, CELL, 3)], "en"))
    before = store.load("anna")
    with pytest.raises(UsageError, match=said):
        restore(store, manifest(), student, manifest().task(task), by, reason)
    assert store.load("anna") == before
    assert not (tmp_path / "scores.csv").exists()
