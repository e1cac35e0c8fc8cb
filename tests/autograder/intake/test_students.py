"""Whose work lies where in a folder of submissions."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import UsageError
from autograder.intake.students import find_submissions, left_aside, safe_student
from autograder.intake.submission import read_submission
from autograder.intake.uploads.rejection import Rejected
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
        "tar.tar.gz": b"",
        "tgz.TGZ": b"",
        "xz.tar.xz": b"",
        "Семёнов/small/small.ipynb": b"",
        "two/solution.py": b"",
        "two.zip": b"",
    }
    found = find_submissions(hand_in(tmp_path, files), manifest().name)
    assert [item.student for item in found] == [
        *("ivanova", "petrov", "rar", "sidorov", "tar", "tgz", "two", "xz", "Семёнов")
    ]
    assert found[-1].path == tmp_path / "Семёнов" / "small"
    twice = found[-3].problem
    assert twice is not None
    assert "two, two.zip" in twice.en


def test_what_is_left_aside_is_named(tmp_path: Path) -> None:
    files = {
        "anna/solution.py": "",
        "_x/solution.py": "",
        "_boris.zip": b"",
        "report.docx": b"",
        ".git/x": b"",
        "__MACOSX/x": b"",
        "Thumbs.db": b"",
        "__pycache__/x.pyc": b"",
        "a\u202eb.txt": b"",
    }
    folder = hand_in(tmp_path, files)
    assert [item.student for item in find_submissions(folder, manifest().name)] == ["anna"]
    names = left_aside(folder)
    assert names[:2] == ["_boris.zip", "_x"]
    assert "report.docx" in names
    assert len(names) == 4
    assert all(name.isprintable() for name in names)


def test_of_nbgrader_only_what_was_submitted_is_looked_at(tmp_path: Path) -> None:
    hand_in(tmp_path, {"submitted/_a/small/small.ipynb": b"", "_source/small/small.ipynb": b""})
    assert left_aside(tmp_path) == ["_a"]


def test_find_submissions_of_nbgrader(tmp_path: Path) -> None:
    hand_in(tmp_path, {"submitted/a/small/small.ipynb": b"", "source/small/small.ipynb": b""})
    (found,) = find_submissions(tmp_path, manifest().name)
    assert (found.student, found.path) == ("a", tmp_path / "submitted" / "a" / "small")


@pytest.mark.parametrize("has_times", [True, False])
def test_of_a_course_with_several_assignments_only_those_of_the_asked_one(
    tmp_path: Path, has_times: bool
) -> None:
    for student, names in {"anna": ["hw1", "hw2"], "boris": ["hw2"], "clara": ["hw1"]}.items():
        for name in names:
            folder = tmp_path / "submitted" / student / name
            folder.mkdir(parents=True)
            if has_times:
                (folder / "timestamp.txt").write_text("2026-12-01 12:00:00 UTC", encoding="utf-8")
    for root in (tmp_path, tmp_path / "submitted"):
        found = {upload.student: upload.path.name for upload in find_submissions(root, "hw1")}
        assert found == {"anna": "hw1", "clara": "hw1"}


def test_a_folder_in_a_folder_is_work_where_no_course_of_nbgrader_is(tmp_path: Path) -> None:
    (tmp_path / "anna" / "unpacked").mkdir(parents=True)
    assert [upload.path.name for upload in find_submissions(tmp_path, "hw1")] == ["anna"]


@pytest.mark.parametrize("name", ["a\nb", "a\tb", "a\\b", "a:b", " a", "x" * 200, "a\u202eb"])
def test_unsafe_student_names_are_refused(tmp_path: Path, name: str) -> None:
    hand_in(tmp_path, {f"{name}/solution.py": b""})
    (found,) = find_submissions(tmp_path, manifest().name)
    assert found.student.isprintable()
    with pytest.raises(Rejected, match="cannot be the name of a student"):
        read_submission(found, manifest(), EDITION)


def test_an_unsafe_name_cannot_pass_for_another_student(tmp_path: Path) -> None:
    hand_in(tmp_path, {"a:b/solution.py": b"", "a_b/solution.py": b"", "a?b/solution.py": b""})
    found = {item.path.name: item for item in find_submissions(tmp_path, manifest().name)}
    assert found["a_b"].problem is None
    assert len({item.student for item in found.values()}) == 3


@given(st.text(st.characters(), max_size=200))
def test_a_safe_name_is_the_name_of_a_file(name: str) -> None:
    safe = safe_student(name)
    assert safe_student(safe) == safe
    assert 0 < len(safe.encode()) <= 200
    assert safe.isprintable() or unicodedata.category(safe[0]) == "Zs" or any(map(str.isspace, safe))
    assert not set(safe) & set('/\\:*?"<>|\0\n')
    assert safe not in (".", "..")
    assert not safe.startswith(".")


@pytest.mark.parametrize("name", ["я" * 101, "\U0001f600" * 60])
def test_a_name_that_no_file_can_have_is_refused(tmp_path: Path, name: str) -> None:
    hand_in(tmp_path, {f"{name[:60]}/solution.py": b""})
    (found,) = find_submissions(tmp_path, manifest().name)
    too_long = len(name[:60].encode()) > 200
    assert (found.problem is not None) == too_long
    assert len(safe_student(name).encode()) <= 200


def test_links_and_special_files_do_not_stop_the_others(tmp_path: Path) -> None:
    hand_in(tmp_path, {"good/solution.py": b""})
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "nowhere.zip").symlink_to("absent")
    (tmp_path / "etc").symlink_to("/etc")
    os.mkfifo(tmp_path / "pipe.ipynb")
    found = {item.student: item for item in find_submissions(tmp_path, manifest().name)}
    assert list(found) == ["etc", "good", "loop", "nowhere", "pipe"]
    for student in ("etc", "loop", "nowhere", "pipe"):
        with pytest.raises(Rejected, match=r"link|not an ordinary file"):
            read_submission(found[student], manifest(), EDITION)


def test_a_student_folder_swapped_for_a_link_is_not_followed(tmp_path: Path) -> None:
    hand_in(tmp_path, {"class/anna/small/solution.py": b"", "secret/small/solution.py": b"secret = 1"})
    (found,) = find_submissions(tmp_path / "class", manifest().name)
    assert found.path.name == "small"
    (tmp_path / "class" / "anna").rename(tmp_path / "moved")
    (tmp_path / "class" / "anna").symlink_to(tmp_path / "secret")
    with pytest.raises(Rejected, match="a link"):
        read_submission(found, manifest(), EDITION)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everywhere")
def test_a_folder_that_may_not_be_read_is_found_all_the_same(tmp_path: Path) -> None:
    hand_in(tmp_path, {"closed/solution.py": b"", "open/solution.py": b""})
    (tmp_path / "closed").chmod(0)
    try:
        assert [item.student for item in find_submissions(tmp_path, manifest().name)] == ["closed", "open"]
    finally:
        (tmp_path / "closed").chmod(0o700)


def test_a_decomposed_name_is_composed(tmp_path: Path) -> None:
    hand_in(tmp_path, {"Андрей/solution.py": b""})
    (found,) = find_submissions(tmp_path, manifest().name)
    assert found.student == "Андрей"
    assert found.problem is None


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nowhere"):
        find_submissions(tmp_path / "nowhere", manifest().name)
