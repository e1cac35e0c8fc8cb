"""A result that cannot be read is named and kept; earlier attempts stay; what killed writers leave is swept."""

from __future__ import annotations

import json
import os
import re
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import UsageError
from autograder.results.grade import Grade, Override
from autograder.results.result_file import STALE_S, UnreadableError, attempt_of, read_result, sweep_temporary
from autograder.results.store import Store
from autograder.results.totals import contradiction
from tests.autograder.manifests import small
from tests.autograder.results.support import earning, make_grade

WHOLE = make_grade().model_dump_json(by_alias=True).encode()


def attempt(number: int, score: float = 7.5) -> Grade:
    plain = make_grade()
    return plain.model_copy(
        update={"attempt": number, "score": score, "tasks": (earning(plain.tasks[0], score),)}
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Invalid JSON"),
        (WHOLE[:200], "Invalid JSON"),
        (b"[]", "Input should be an object"),
        (WHOLE.replace(b'"score":7.5', b'"score":"much"', 1), "score: Input should be a valid number"),
        (WHOLE.replace(b"anna", b"boris"), "it holds the result of 'boris'"),
        (b"\xff\xfe", "Invalid JSON"),
    ],
)
def test_what_is_wrong_with_a_result_is_named(tmp_path: Path, content: bytes, said: str) -> None:
    store = Store(tmp_path)
    store.save(make_grade("vera"))
    path = store.result_path("anna")
    path.write_bytes(content)
    with pytest.raises(UnreadableError, match=said):
        read_result(path)
    (found,) = store.unreadable()
    assert (found.student, found.path) == ("anna", path)
    assert said in str(found)
    assert "put it back from a backup, or grade again, which keeps this file" in str(found)
    assert store.load("anna") is None
    assert [grade.student for grade in store.grades()] == ["vera"]


def _edited(**changes: object) -> bytes:
    """A whole result in which somebody has written other numbers: `score`, `task__score`, `test__points`."""
    data = json.loads(WHOLE)
    places = {"task": data["tasks"][0], "test": data["tasks"][0]["tests"][0]}
    for name, value in changes.items():
        *place, key = name.split("__")
        (places[place[0]] if place else data)[key] = value
    return json.dumps(data).encode()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (_edited(task__score=12, score=12), r"the task A1 has 12 of 10 points"),
        (_edited(task__score=9, score=9), r"the task A1 has 9 points, and its tests come to 7\.5"),
        (_edited(test__points=12), r"the test test_a1\.py::test_a1 has 12 of 10 points"),
        (_edited(test__passed=None), r"has points, 7\.5, and no verdict"),
        (_edited(score=10), r"10 points in all, and the tasks come to 7\.5"),
        (_edited(max_score=5), r"a maximum of 5, and the tasks have 10"),
        (_edited(task__withheld=3), r"the task A1 has 7\.5 points, and its tests come to 0"),
        (_edited(task__score=-1, score=-1), r"score: Input should be greater than or equal to 0"),
        (_edited(score=float("nan")), r"score: Input should be a finite number"),
        (_edited(test__points=float("inf")), r"Input should be a finite number"),
        (_edited(tasks=json.loads(WHOLE)["tasks"] * 2, score=15), r"the task A1 stands there twice"),
    ],
)
def test_a_result_that_contradicts_itself_is_named_and_never_counted(
    tmp_path: Path, content: bytes, said: str
) -> None:
    store = Store(tmp_path)
    store.save(make_grade("vera"))
    path = store.result_path("anna")
    path.write_bytes(content)
    (found,) = store.unreadable()
    assert str(found).startswith(f"the result {path} cannot be trusted (")
    assert re.search(said, str(found))
    assert "grade again, which keeps this file beside the new result; points by hand go into ov" in str(found)
    assert [one.grade.student for one in store.marked(small())] == ["vera"]
    store.save_scores(small())
    assert path.read_bytes() == content


def test_withheld_and_restored_points_are_no_contradiction() -> None:
    (task,) = make_grade().tasks
    held = task.model_copy(update={"score": 0.0, "withheld": 7.5, "message": "F.conv2d"})
    grade = make_grade().model_copy(update={"score": 0.0, "tasks": (held,)})
    assert contradiction(grade) == ""
    granted = Override(task="A1", points=5, reason="r", by="ta", at=datetime.now(UTC))
    restored = held.model_copy(update={"score": 5.0, "withheld": 2.5})
    update = {"score": 5.0, "tasks": (restored,), "overrides": (granted,)}
    assert contradiction(grade.model_copy(update=update)) == ""
    unjudged = restored.model_copy(update={"score": 0.0, "withheld": 0.0, "message": "", "tests": ()})
    assert contradiction(grade.model_copy(update={**update, "score": 0.0, "tasks": (unjudged,)})) == ""


@given(st.integers(min_value=0, max_value=len(WHOLE) - 1))
def test_every_cut_is_seen(tmp_path_factory: pytest.TempPathFactory, length: int) -> None:
    path = tmp_path_factory.mktemp("cut") / "anna.json"
    path.write_bytes(WHOLE[:length])
    with pytest.raises(UnreadableError):
        read_result(path)


def test_a_damaged_result_is_kept_beside_its_successor(tmp_path: Path) -> None:
    for content in (b"first", b"second"):
        store = Store(tmp_path)
        store.save(make_grade())
        store.result_path("anna").write_bytes(content)
        store.save(make_grade())
        assert store.load("anna") is not None
        assert not store.unreadable()
        (aside,) = store.set_aside
        assert aside.kept is not None
        assert aside.kept.read_bytes() == content
        assert f"the damaged file is kept as {aside.kept}" in str(aside)
    kept = sorted(path.name for path in (tmp_path / "results").glob("*.damaged"))
    assert kept == ["anna.json-2.damaged", "anna.json.damaged"]


def test_an_earlier_attempt_is_kept_and_a_regrade_is_none(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for grade in (attempt(1), attempt(1, 3.0), attempt(2, 5.0), attempt(2, 6.0), attempt(3)):
        store.save(grade)
    folder = tmp_path / "attempts" / "anna"
    assert sorted(path.name for path in folder.iterdir()) == ["1.json", "2.json"]
    scores = [Grade.model_validate_json((folder / f"{number}.json").read_bytes()).score for number in (1, 2)]
    assert scores == [3.0, 6.0]
    assert [grade.attempt for grade in store.grades()] == [3]


def test_a_write_that_was_killed_in_between_keeps_an_attempt_once(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save(attempt(1))
    path = tmp_path / "attempts" / "anna" / "1.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(attempt_of(store.grades()[0]))
    store.save(attempt(2))
    assert [one.name for one in path.parent.iterdir()] == ["1.json"]


def test_an_attempt_never_takes_the_place_of_another_one_of_its_number(tmp_path: Path) -> None:
    for score in (1.0, 2.0):
        store = Store(tmp_path)
        store.save(attempt(1, score))
        store.save(attempt(2))
        store.result_path("anna").unlink()
    assert sorted(one.name for one in (tmp_path / "attempts" / "anna").iterdir()) == ["1-2.json", "1.json"]


def test_leftovers_of_killed_writers_are_swept_when_they_are_old(tmp_path: Path) -> None:
    names = [".anna.json.ab12_3cd", ".scores.csv.12345678", ".gitignore", ".anna.json", "anna.json"]
    for name in names:
        (tmp_path / name).write_bytes(b"")
        old = time.time() - 2 * STALE_S
        os.utime(tmp_path / name, (old, old))
    (tmp_path / ".new.json.ab12_3cd").write_bytes(b"")
    sweep_temporary([tmp_path, tmp_path / "none"])
    assert {path.name for path in tmp_path.iterdir()} == {*names[2:], ".new.json.ab12_3cd"}


def test_one_result_of_another_assignment_is_enough_to_refuse(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save(make_grade("anna"))
    store.save(make_grade("boris").model_copy(update={"assignment": "other"}))
    store.save_manifest(small())
    with pytest.raises(UsageError, match="holds results of other"):
        store.prepare("small")
