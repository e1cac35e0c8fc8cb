"""Each way around a task is graded like a submission, and docs/shortcuts.md says what comes of it."""

from __future__ import annotations

import importlib.util
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from autograder.course.assignment import list_assignments
from tests.assignments.shortcuts.table import PAGE, ROOT, Shortcut, page, shortcuts
from tests.assignments.support import COURSE
from tests.autograder.grading_support import AUTOGRADER, ENV, task

ALL = shortcuts()
# The student's function stands where the library's did, so that one which calls that calls itself.
OF_STUBS = {"NotImplementedError", "RecursionError"}
HAS_SCIPY = importlib.util.find_spec("scipy") is not None


def test_the_page_is_made_of_them() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m tests.assignments.shortcuts.table"


@pytest.mark.parametrize(
    "shortcut", [one for one in ALL if one.said], ids=lambda one: f"{one.task} {one.what}"
)
def test_what_the_handout_says_stands_there(shortcut: Shortcut) -> None:
    text = (COURSE / shortcut.assignment / "handout.py").read_text(encoding="utf-8")
    assert shortcut.said in " ".join(text.replace("\n# ", " ").split())


@pytest.mark.nightly
@pytest.mark.parametrize("name", list_assignments(COURSE))
def test_what_happens(name: str, tmp_path: Path) -> None:
    tried = {f"{one.task}-{number}": one for number, one in enumerate(ALL) if one.assignment == name}
    for student, shortcut in tried.items():
        folder = tmp_path / "in" / student
        folder.mkdir(parents=True)
        (folder / "solution.py").write_text(shortcut.code, encoding="utf-8")
    done = subprocess.run(
        [str(AUTOGRADER), "grade", name, str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--lang", "en"],
        cwd=ROOT, env=ENV, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = {
        student: json.loads((tmp_path / "out" / "results" / f"{student}.json").read_text(encoding="utf-8"))
        for student in tried
    }
    assert {
        f"{one.task}: {one.what}": outcome_of(found[student], one)
        for student, one in tried.items()
        if HAS_SCIPY or one.source != "scipy"
    } == {
        f"{one.task}: {one.what}": one.outcome for one in tried.values() if HAS_SCIPY or one.source != "scipy"
    }


def outcome_of(grade: dict[str, Any], shortcut: Shortcut) -> str:
    """What came of one, in the words of the list."""
    graded = task(grade, shortcut.task)
    if graded["message"]:  # which call; there may be no points to withhold
        return "forbidden"
    if graded["score"] == graded["max_score"]:
        return "legal"
    # A test that asks for another error, or for weights, tells none.
    errors = {(test["difference"] or {}).get("error") for test in graded["tests"]} - {None, ""}
    is_empty = graded["source"] == "not written" or (errors and errors <= OF_STUBS)
    return "emptied" if is_empty and not graded["score"] else "wrong"
