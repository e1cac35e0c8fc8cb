"""Whose work lies where in a folder of submissions."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.spec import UsageError
from autograder.submission import Rejected, find_submissions, read_submission
from tests.autograder.intake_support import EDITION, hand_in, manifest


def test_find_submissions(tmp_path: Path) -> None:
    files = {
        "ivanova/solution.py": "",
        "petrov.ipynb": b"",
        "sidorov.py": b"",
        "expected.toml": b"",
        ".git/x": b"",
        "__MACOSX/x": b"",
        "rar.rar": b"",
        "Семёнов/small/small.ipynb": b"",
        "two/solution.py": b"",
        "two.zip": b"",
    }
    found = find_submissions(hand_in(tmp_path, files), manifest())
    assert [item.student for item in found] == ["ivanova", "petrov", "rar", "sidorov", "two", "Семёнов"]
    assert found[-1].path == tmp_path / "Семёнов" / "small"
    assert found[-2].problem is not None
    assert "two, two.zip" in found[-2].problem.en


def test_find_submissions_of_nbgrader(tmp_path: Path) -> None:
    hand_in(tmp_path, {"submitted/a/small/small.ipynb": b"", "source/small/small.ipynb": b""})
    (found,) = find_submissions(tmp_path, manifest())
    assert (found.student, found.path) == ("a", tmp_path / "submitted" / "a" / "small")


@pytest.mark.parametrize("name", ["a\nb", "a\tb", "a\\b", "a:b", " a", "x" * 200, "a\u202eb"])
def test_unsafe_student_names_are_refused(tmp_path: Path, name: str) -> None:
    hand_in(tmp_path, {f"{name}/solution.py": b""})
    (found,) = find_submissions(tmp_path, manifest())
    assert found.student.isprintable()
    with pytest.raises(Rejected, match="cannot be the name of a student"):
        read_submission(found, manifest(), EDITION)


def test_a_decomposed_name_is_composed(tmp_path: Path) -> None:
    hand_in(tmp_path, {"Андрей/solution.py": b""})
    (found,) = find_submissions(tmp_path, manifest())
    assert found.student == "Андрей"
    assert found.problem is None


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nowhere"):
        find_submissions(tmp_path / "nowhere", manifest())
