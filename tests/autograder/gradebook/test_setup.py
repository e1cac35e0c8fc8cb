"""The settings that `nbgrader-setup` writes, and what it leaves alone; and what `export` says of wrong folders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autograder.course.assignment import Assignment, find_assignment
from autograder.errors import UsageError
from autograder.gradebook.course_folder import open_course
from autograder.gradebook.setup import set_up
from autograder.gradebook.steps import SaveResults
from autograder.gradebook.transfer import export_to_gradebook
from autograder.results.store import Store
from tests.autograder.gradebook.support import SEMINAR, graded, made_gradebook
from tests.autograder.grading_support import ROOT


@pytest.fixture(scope="module")
def assignment() -> Assignment:
    return find_assignment("seminar_cnn", ROOT / "assignments", "J1,W")


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """Results of one student."""
    out = tmp_path / "out"
    store = Store(out)
    store.save_manifest(SEMINAR)
    store.save(graded("anna", {"J1": 3.0}))
    return out


@pytest.fixture
def course(tmp_path: Path) -> Path:
    folder = tmp_path / "course"
    folder.mkdir()
    (folder / "nbgrader_config.py").write_text("c = get_config()\n", encoding="utf-8")
    return folder


@pytest.mark.slow
def test_settings_are_written_once_and_own_ones_stay(assignment: Assignment, course: Path):
    config = course / "nbgrader_config.py"
    config.write_text('c = get_config()\nc.CourseDirectory.course_id = "mine"', encoding="utf-8")
    set_up(course, [assignment], "en")
    first = {path: path.read_bytes() for path in course.rglob("*") if path.is_file()}
    said = set_up(course, [assignment], "en")
    assert {path: path.read_bytes() for path in course.rglob("*") if path.is_file()} == first
    assert not any("loads it" in line for line in said)
    settings: Any = open_course(course).config
    assert settings.CourseDirectory.course_id == "mine"
    assert settings.AutograderResults.results == {"seminar_cnn": str(course / "grades" / "seminar_cnn")}
    excluded = settings.Autograde.exclude_overwriting["seminar_cnn"]
    assert {"hw_cnn/__init__.py", "assignment.json"} <= set(excluded)
    names = [step.__name__ for step in settings.Autograde.autograde_preprocessors]
    assert "Execute" not in names
    assert "SaveAutoGrades" not in names


@pytest.mark.slow
def test_a_source_that_somebody_has_changed_is_not_written_over(assignment: Assignment, course: Path):
    set_up(course, [assignment], "en")
    (course / "source" / "seminar_cnn" / "seminar_cnn.ipynb").write_text("{}", encoding="utf-8")
    with pytest.raises(UsageError, match="seminar_cnn"):
        set_up(course, [assignment], "en")


def test_a_folder_that_is_no_course_is_named(stored: Path, tmp_path: Path):
    with pytest.raises(UsageError, match=r"holds no nbgrader_config\.py"):
        export_to_gradebook(stored, tmp_path / "elsewhere")


def test_settings_that_cannot_be_read_are_named(stored: Path, course: Path):
    (course / "nbgrader_config.py").write_text("c = get_config(\n", encoding="utf-8")
    with pytest.raises(UsageError, match="SyntaxError"):
        export_to_gradebook(stored, course)


def test_an_assignment_that_is_nowhere_is_named(stored: Path, course: Path):
    with pytest.raises(UsageError, match="nbgrader-setup"):
        export_to_gradebook(stored, course)


def test_other_points_in_the_gradebook_are_refused(stored: Path, course: Path):
    with made_gradebook(course) as gradebook:
        gradebook.update_or_create_grade_cell("J1-test", "seminar_cnn", "seminar_cnn", max_score=5.0)
    with pytest.raises(UsageError, match="J1-test is worth 4 here and 5 in the gradebook"):
        export_to_gradebook(stored, course)


def test_a_gradebook_without_our_cells_is_refused(stored: Path, course: Path):
    with made_gradebook(course) as gradebook:
        gradebook.add_assignment("ps1")
        gradebook.add_notebook("problem1", "ps1")
    with pytest.raises(UsageError, match="ps1/problem1 has no cell"):
        export_to_gradebook(stored, course, "ps1")


def test_marks_that_wait_are_refused_unless_anyway(stored: Path, course: Path):
    Store(stored).save(graded("boris", {"J1": 3.0}, [("W", "filter")]))
    with made_gradebook(course):
        pass
    with pytest.raises(UsageError, match=r"boris \(W\)"):
        export_to_gradebook(stored, course)
    said = "\n".join(export_to_gradebook(stored, course, anyway=True))
    assert "Exported although 1 awaits a mark by hand" in said
    assert "2 students written into seminar_cnn/seminar_cnn" in said
    assert "run `nbgrader autograde seminar_cnn`" in said


def test_a_stranger_in_the_gradebook_is_named(stored: Path, course: Path):
    with made_gradebook(course) as gradebook:
        gradebook.add_student("zoe")
        gradebook.add_assignment("other")
    with open_course(course).gradebook() as gradebook:
        gradebook.add_submission("seminar_cnn", "zoe")
    assert "With a submission in the gradebook, but without a result here: zoe" in export_to_gradebook(
        stored, course
    )


def test_results_of_another_part_are_told_and_give_no_mark(
    stored: Path, course: Path, assignment: Assignment
):
    with made_gradebook(course, assignment.manifest) as gradebook:
        gradebook.add_student("anna")
    with open_course(course).gradebook() as gradebook:
        gradebook.add_submission("seminar_cnn", "anna", timestamp="2026-11-01 12:00")
    own = {
        "assignment": "seminar_cnn", "notebook": "seminar_cnn", "student": "anna",
        "db_url": f"sqlite:///{course / 'gradebook.db'}",
    }  # fmt: skip
    step = SaveResults(results={"seminar_cnn": str(stored)})
    with pytest.raises(
        UsageError, match=r"no cell B1-test.* more: grade what was released, with the --tasks"
    ):
        step.find({"nbgrader": own})
    step.preprocess(None, {"nbgrader": own})
    with open_course(course).gradebook() as gradebook:
        submission = gradebook.find_submission("seminar_cnn", "anna")
        assert (submission.score, submission.needs_manual_grade) == (0, True)
