"""Points that people give and that cannot count are named, with what would help."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from autograder.desk.status import standing
from autograder.progress import staff_lines
from autograder.results.grade import Grade
from autograder.results.store import Store
from autograder.roster.person import Person
from tests.autograder.export.support import due, graded, stored

DUE = datetime(2026, 12, 1, 20, 59, tzinfo=UTC)
LATE = {"submitted_at": DUE + timedelta(days=30)}
HEADER = "student,task,points,reason,by\n"
HEAD = "Points given by hand that do not count:"


def class_of(out: Path, grade: Grade, lines: str, *people: Person) -> Store:
    stored(out, [grade, graded("boris")], people, due(DUE))
    (out / "overrides.csv").write_text(HEADER + lines)
    return Store(out)


@pytest.mark.parametrize(
    ("update", "why"),
    [
        ({"status": "rejected"}, "the submission is rejected; put work that can be read"),
        ({"status": "missing"}, "the submission is missing; put work that can be read"),
        (LATE, "lateness takes all points; give an extension in the roster"),
    ],
)
def test_points_in_vain_are_named(tmp_path: Path, update: dict[str, object], why: str) -> None:
    lines = "anna,A1,9,r,ta\nboris,A1,8,r,ta\nanna,B1,1,r,ta\nanna,A1,7,r,ta\n"
    store = class_of(tmp_path, graded("anna", 0, **update), lines)
    manifest = due(DUE)
    assert [one.score for one in store.marked(manifest)] == [0, 8]
    said = staff_lines(store, manifest)
    assert said[0] == HEAD
    assert said[1].startswith(f"  anna: overrides.csv, lines 5, 4: {why}")
    assert len(said) == 2, "boris's line counts"
    (named,) = standing(store, manifest).groups["given in vain"]
    assert (named.student, f"  anna: {named.why}") == ("anna", said[1])


def test_what_is_advised_helps(tmp_path: Path) -> None:
    extended = Person(student="anna", extension_hours=24 * 40)
    store = class_of(tmp_path, graded("anna", 0, **LATE), "anna,A1,9,r,ta\n", extended)
    assert [one.score for one in store.marked(due(DUE))] == [9, 7.5]
    assert staff_lines(store, due(DUE)) == []


def test_no_points_are_not_given_in_vain(tmp_path: Path) -> None:
    store = class_of(tmp_path, graded("anna", 0, status="rejected"), "anna,A1,9,r,ta\nanna,A1,0,r,ta\n")
    assert staff_lines(store, due(DUE)) == []
    assert "given in vain" not in standing(store, due(DUE)).groups
