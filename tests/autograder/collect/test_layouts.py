"""Canvas, nbgrader, folders and zips of them: recognised, and named by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograder.collect.layouts import Layout
from autograder.errors import UsageError
from autograder.roster.reading import read_rosters
from tests.autograder.collect.support import collected, fates, laid_out, tree, zipped

CANVAS = {
    "petrovaanna_12345_67890_seminar_cnn.ipynb": "1",
    "ёлкинборис_LATE_12346_67891_seminar_cnn-2.ipynb": "2",
    "virtaneneero_12347_67892_my_own_1_2_file.py": "3",
    "LATE_anon_Ab3dE_67893_seminar_cnn.ipynb": "4",
    "anon_Xy9zQ_67894_seminar_cnn.ipynb": "5",
    "textonly_12348_text.html": "6",
}
NBGRADER = {
    "submitted/anna/hw1/seminar_cnn.ipynb": "1",
    "submitted/anna/hw1/timestamp.txt": "2026-12-01 18:05:00.000000 UTC",
    "submitted/anna/hw0/old.ipynb": "0",
    "submitted/boris/hw1/seminar_cnn.ipynb": "2",
    "source/hw1/seminar_cnn.ipynb": "not handed in",
}
FOLDERS = {
    "anna/seminar_cnn.ipynb": "1",
    "boris/src/a.py": "2",
    "clara.ipynb": "3",
    "_notes/x.txt": "4",
    "readme.md": "5",
}


def test_canvas(tmp_path: Path) -> None:
    outcome = collected(zipped(tmp_path / "submissions.zip", CANVAS), tmp_path / "out")
    assert outcome.layout == Layout.canvas
    assert tree(tmp_path / "out") == {
        "petrovaanna_12345/seminar_cnn.ipynb": "1",
        "ёлкинборис_12346/seminar_cnn.ipynb": "2",
        "virtaneneero_12347/my_own_1_2_file.py": "3",
        "anon_Ab3dE/seminar_cnn.ipynb": "4",
        "anon_Xy9zQ/seminar_cnn.ipynb": "5",
        "textonly_12348/text.html": "6",
    }
    late = fates(outcome.rows)["ёлкинборис_LATE_12346_67891_seminar_cnn-2.ipynb"]
    assert late == "taken, LATE on Canvas, seminar_cnn-2.ipynb on Canvas"


def test_files_that_canvas_tells_apart_stay_apart(tmp_path: Path) -> None:
    files = {"a_1_10_x.py": "1", "a_1_11_x-1.py": "2", "a_1_12_lab-2.py": "3"}
    collected(zipped(tmp_path / "submissions.zip", files), tmp_path / "out")
    assert tree(tmp_path / "out") == {"a_1/x.py": "1", "a_1/x-1.py": "2", "a_1/lab.py": "3"}


def test_who_is_who_on_canvas_is_number_and_name(tmp_path: Path) -> None:
    own = tmp_path / "roster.csv"
    own.write_text(
        "student,id,name\nap,12345,Anna Petrova\nbe,12346,Anna Petrova\nev,12347,Eero Virtanen\n",
        encoding="utf-8",
    )
    source = zipped(tmp_path / "submissions.zip", {**CANVAS, "petrovaanna_12346_1_x.py": "7"})
    outcome = collected(source, tmp_path / "out", roster=read_rosters([own]))
    assert {"ap", "ev", "ёлкинборис_12346"} < set(outcome.students)
    assert (tmp_path / "out" / "be" / "x.py").read_text(encoding="utf-8") == "7"


@pytest.mark.parametrize("inner", ["", "submitted", "../course"])
def test_nbgrader(tmp_path: Path, inner: str) -> None:
    course = laid_out(tmp_path / "course", NBGRADER)
    outcome = collected(course / inner, tmp_path / "out", assignment="hw1")
    assert outcome.layout == Layout.nbgrader
    assert set(tree(tmp_path / "out")) == {
        "anna/seminar_cnn.ipynb",
        "anna/timestamp.txt",
        "boris/seminar_cnn.ipynb",
    }
    times = {row.student: row.submitted_at for row in outcome.rows if row.attempt}
    assert times == {"anna": datetime(2026, 12, 1, 18, 5, tzinfo=UTC), "boris": None}


@pytest.mark.parametrize(
    ("assignment", "said"),
    [
        ("", "there are several assignments; name one with --assignment: hw0, hw1"),
        ("hw2", "no student has the assignment 'hw2'; there are hw0, hw1"),
    ],
)
def test_nbgraders_assignment_must_be_known(tmp_path: Path, assignment: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        collected(laid_out(tmp_path / "course", NBGRADER), tmp_path / "out", assignment=assignment)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("wrapper", ["", "class of 2026/"])
@pytest.mark.parametrize("is_zip", [False, True])
def test_folders_and_a_zip_of_folders(tmp_path: Path, wrapper: str, is_zip: bool) -> None:
    files = {name: text for name, text in FOLDERS.items() if not wrapper or name[:4] in ("anna", "bori")}
    files = {wrapper + name: text for name, text in files.items()}
    source = zipped(tmp_path / "in.zip", files) if is_zip else laid_out(tmp_path / "in", files)
    outcome = collected(source, tmp_path / "out")
    assert outcome.layout == (Layout.zip if is_zip else Layout.folders)
    expected = {"anna/seminar_cnn.ipynb": "1", "boris/src/a.py": "2"}
    assert tree(tmp_path / "out") == (expected if wrapper else {**expected, "clara/clara.ipynb": "3"})


def test_a_zip_of_zips(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "anna.zip", {"seminar_cnn.ipynb": "1"}).read_bytes()
    source = zipped(tmp_path / "in.zip", {"class/anna.zip": inner, "class/boris.zip": inner})
    outcome = collected(source, tmp_path / "out")
    assert outcome.students == ["anna", "boris"]
    assert (tmp_path / "out" / "anna" / "anna.zip").read_bytes() == inner


def test_folders_are_somebodys_by_name_number_or_email(tmp_path: Path) -> None:
    own = tmp_path / "roster.csv"
    own.write_text("student,id,email,name\nap,0012345,,\nbe,,Boris@uni.ru,\nev,,,clara\n", encoding="utf-8")
    names = ("ap", "0012345", "boris@uni.ru", "clara")
    for place, name in enumerate(names):
        source = laid_out(tmp_path / f"in{place}", {f"{name}/x.py": name})
        outcome = collected(source, tmp_path / f"out{place}", roster=read_rosters([own]))
        assert outcome.students == [{"0012345": "ap", "boris@uni.ru": "be"}.get(name, name)]


def test_the_download_of_a_whole_class_is_nobodys_work(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "x.zip", {"Anna_1_assignsubmission_file_/x.py": "1"}).read_bytes()
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "Course-hw-7.zip").write_bytes(inner)
    outcome = collected(tmp_path / "in", tmp_path / "out")
    assert fates(outcome.rows)["Course-hw-7.zip"].endswith("a whole class: give it to --from")
    assert outcome.empty == ("Course-hw-7",)
    assert tree(tmp_path / "out") == {}


@pytest.mark.parametrize(
    ("files", "layout"),
    [
        ({"anna/1_2_x.py": "", "boris/1_2_x.py": ""}, Layout.folders),
        ({"anna/submitted/hw/x.py": ""}, Layout.folders),
        ({"c/submitted/anna/hw/x.py": ""}, Layout.nbgrader),
        ({"anna/hw1/timestamp.txt": "", "anna/hw1/x.py": ""}, Layout.nbgrader),
        ({"a_1_2_x.py": "", "readme.txt": "", "b_1_2_x.py": ""}, Layout.canvas),
    ],
)
def test_a_layout_is_recognised(tmp_path: Path, files: Mapping[str, str], layout: Layout) -> None:
    assert collected(laid_out(tmp_path / "in", files), tmp_path / "out").layout == layout


def test_another_layout_than_it_is_says_what_is_there(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match="no submission in the layout 'canvas'; the first file there is '_notes"
    ):
        collected(laid_out(tmp_path / "in", FOLDERS), tmp_path / "out", layout=Layout.canvas)
