"""`autograder new` makes an assignment that validates as it is, and takes nothing that is there."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from autograder.course.assignment import find_assignment
from autograder.course.variants import load_variants
from autograder.errors import UsageError
from autograder.skeleton.new import new_assignment
from tests.autograder.grading_support import AUTOGRADER, ENV, ROOT


def run(*args: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [AUTOGRADER, *map(str, args)],
        cwd=ROOT,
        env=ENV,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_the_skeleton_has_what_an_author_needs_to_see(tmp_path: Path) -> None:
    folder = new_assignment("week_5", tmp_path / "course")
    found = find_assignment("week_5", tmp_path / "course")
    assert (found.folder, found.name) == (folder, "week_5")
    (task,) = found.manifest.tasks
    assert task.forbidden
    assert task.hints is not None
    assert sorted(variant.kind for variant in load_variants(folder)) == ["bug", "bug", "bug", "correct"]


@pytest.mark.slow
def test_it_validates_as_it_is(tmp_path: Path) -> None:
    made = run("new", "week_5", "--assignments", tmp_path / "course")
    assert made.returncode == 0, made.stderr
    assert f"autograder validate week_5 --quick --assignments {tmp_path / 'course'}" in made.stdout
    result = run(
        "validate", "week_5", "--quick", "--assignments", tmp_path / "course", "--out", tmp_path / "v"
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "week_5: reference 5 of 5, stub 0, 3 of 3 planted bugs caught, 1 correct variant," in result.stdout
    assert "3 of 3 planted bugs are named" in result.stdout
    assert "PROBLEM" not in result.stdout
    assert "WARNING" not in result.stdout
    # A test that nothing fails would be a note about somebody else's work.
    assert "note:" not in result.stdout


@pytest.mark.parametrize("name", ["Week5", "5", "week-5", "", "../week", "неделя"])
def test_a_name_that_no_assignment_may_have_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"use a-z, 0-9 and _, a letter first"):
        new_assignment(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nothing_that_is_there_is_changed(tmp_path: Path) -> None:
    (tmp_path / "week_5").mkdir()
    (tmp_path / "week_5" / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="exists already; choose another name, nothing was changed"):
        new_assignment("week_5", tmp_path)
    assert [path.name for path in tmp_path.rglob("*")] == ["week_5", "mine.txt"]
    (tmp_path / "file").write_text("")
    result = run("new", "week_6", "--assignments", tmp_path / "file")
    assert result.returncode == 2
    assert result.stderr.count("\n") == 1
    assert "choose another --assignments" in result.stderr
