"""The public tests of a small course on all its variants, in the real process with the real bundle."""

from __future__ import annotations

import csv
import subprocess
from pathlib import Path

import pytest

from tests.autograder.grading_support import AUTOGRADER, ENV, ROOT
from tests.autograder.validation.support import make_course

pytestmark = pytest.mark.slow


def validate_public(course: Path, out: Path) -> subprocess.CompletedProcess[str]:
    command = [
        AUTOGRADER,
        "validate",
        "mini",
        "--public",
        "--jobs",
        "1",
        "--assignments",
        course,
        "--out",
        out,
    ]
    return subprocess.run(
        command, cwd=ROOT, env=ENV, capture_output=True, text=True, timeout=300, check=False
    )


def rows(out: Path) -> dict[str, dict[str, str]]:
    with (out / "mini" / "public_kill_matrix.csv").open(newline="") as stream:
        return {row["variant"]: row for row in csv.DictReader(stream)}


def test_sound_public_tests(tmp_path: Path) -> None:
    done = validate_public(make_course(tmp_path), tmp_path / "out")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PROBLEM" not in done.stdout
    assert "J1: public tests catch 19 of 19 planted bugs" in done.stdout
    found = rows(tmp_path / "out")
    assert found["j1_default_ks"]["test_j1.py::test_default_ks"] == "x"
    assert found["j1_default_ks"]["test_j1.py::test_four_images"] == "."
    for name, row in found.items():
        marks = {value for column, value in row.items() if column.startswith("test_")}
        assert ("x" in marks) == (row["kind"] == "bug"), name
    assert max(list(row.values()).count("x") for row in found.values()) > 1, "--public shows all that fail"


def test_public_tests_that_are_not_right(tmp_path: Path) -> None:
    """One asks what is not asked, one runs nothing of the student's, one kills the process of a correct variant."""
    course = make_course(tmp_path)
    (course / "mini" / "public" / "test_j1.py").write_text(
        '''import os

import torch


def test_type(student):
    """числа без torch / plain numbers"""
    errors = student.topk_error(torch.tensor([[1.0, 2.0]]), torch.tensor([0]), ks=(1,))
    assert type(errors[1]) is float, "не float / no float"


def test_nothing(student):
    """ничего / nothing"""


def test_end(student):
    """конец / the end"""
    if student.topk_error(torch.tensor([[1.0, 2.0]]), torch.tensor([0]), ks=(1,)) == {1: -7}:
        os._exit(3)
'''
    )
    (course / "mini" / "wrong" / "j1_ok_ranks.py").write_text(
        "def topk_error(logits, targets, ks=(1, 5)):\n    return {1: -7}\n"
    )
    done = validate_public(course, tmp_path / "out")
    assert done.returncode == 1, done.stdout + done.stderr
    problems = [line for line in done.stdout.split("\n") if line.startswith("PROBLEM")]
    assert (
        "PROBLEM: j1_ok_topk is right and fails the public test test_j1.py::test_type: не float" in problems
    )
    assert "PROBLEM: the stub passes the public test test_j1.py::test_nothing" in problems
    (ended,) = [line for line in problems if "j1_ok_ranks" in line]
    assert "j1_ok_ranks: the public tests of J1 gave no answer" in ended
    assert "note: the public test test_j1.py::test_nothing catches no planted bug" in done.stdout


def test_files_and_modules_of_one_variant_are_not_seen_by_the_next(tmp_path: Path) -> None:
    course = make_course(tmp_path)
    source = (course / "mini" / "wrong" / "j1_ok_topk.py").read_text()
    leaves = "import sys\nimport pathlib\nsys.modules['left'] = sys\npathlib.Path('left').touch()\n"
    finds = "import sys\nimport pathlib\nassert 'left' not in sys.modules\nassert not pathlib.Path('left').exists()\n"
    for name in ("j1_ok_arrays", "j1_ok_ranks", "j1_ok_topk"):
        (course / "mini" / "wrong" / f"{name}.py").write_text(f"{finds}{leaves}{source}")
    done = validate_public(course, tmp_path / "out")
    assert done.returncode == 0, done.stdout + done.stderr


def test_open_tests_need_the_hidden_tests(tmp_path: Path) -> None:
    command = [
        AUTOGRADER,
        "validate",
        "mini",
        "--public",
        "--store-open",
        "--assignments",
        make_course(tmp_path),
    ]
    done = subprocess.run(
        command, cwd=ROOT, env=ENV, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 2
    assert "needs the hidden tests" in done.stderr
