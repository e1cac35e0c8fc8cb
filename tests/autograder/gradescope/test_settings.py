"""What the zip says of its run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from autograder.errors import UsageError
from autograder.gradescope.running import assignment_of
from autograder.gradescope.settings import SETTINGS_NAME, Home, Settings
from tests.autograder.grading_support import ROOT


def zipped(root: Path, settings: Settings) -> Home:
    """The part of a zip that finds the assignment."""
    home = Home(root)
    shutil.copytree(ROOT / "assignments" / "convolution", home.source / "course" / "convolution")
    (home.source / SETTINGS_NAME).write_text(settings.model_dump_json())
    return home


@pytest.mark.parametrize(("minutes", "submission_s"), [(2, 60.0), (10, 540.0), (40, 600.0)])
def test_a_submission_ends_before_the_platform_ends_it(
    tmp_path: Path, minutes: int, submission_s: float
) -> None:
    settings = Settings(assignment="course/convolution", minutes=minutes)
    limits = assignment_of(zipped(tmp_path, settings), settings).manifest.limits
    assert limits.submission_s == submission_s
    assert limits.submission_s < 60 * minutes


def test_a_part_of_the_tasks_is_graded(tmp_path: Path) -> None:
    settings = Settings(assignment="course/convolution", tasks=("A1", "A2"))
    home = zipped(tmp_path, settings)
    assert assignment_of(home, home.settings()).manifest.chosen == ("A1", "A2")


@pytest.mark.parametrize("text", ["", "{}", '{"assignment": "x", "visibility": "hidden"}'])
def test_a_damaged_zip_says_how_to_mend_it(tmp_path: Path, text: str) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / SETTINGS_NAME).write_text(text)
    with pytest.raises(UsageError, match="bundle-gradescope"):
        Home(tmp_path).settings()
