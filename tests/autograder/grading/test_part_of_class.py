"""A class that was given a part of an assignment and is graded whole: one sentence says so, no grade depends on it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.autograder.grading_support import AUTOGRADER, ENV, ROOT, grade, hand_in, results

pytestmark = pytest.mark.slow
SENTENCE = "no submission has a cell of"


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The notebook of a part, as it is handed out."""
    out = tmp_path_factory.mktemp("part") / "bundle"
    made = subprocess.run(
        [str(AUTOGRADER), "release", "seminar_cnn", "--out", str(out), "--lang", "en", "--tasks", "D2,J1"],
        cwd=ROOT, env=ENV, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    assert "grade it with --tasks D2,J1" in made.stdout
    return out / "seminar_cnn.ipynb"


def hand_in_notebook(notebook: Path, folder: Path, student: str) -> None:
    (folder / student).mkdir(parents=True)
    shutil.copy(notebook, folder / student)


def test_says_once_which_tasks_to_grade(notebook: Path, tmp_path: Path) -> None:
    submissions, out = tmp_path / "submissions", tmp_path / "out"
    hand_in_notebook(notebook, submissions, "ann")
    hand_in(submissions, "bob", solution="def topk_error(logits, targets, ks=(1, 5)):\n    return 5\n")
    (submissions / "cat.zip").write_bytes(b"no archive")
    done = grade(submissions, out)
    assert done.returncode == 0, done.stderr
    said = [line for line in done.stderr.splitlines() if SENTENCE in line]
    assert said == [
        "no submission has a cell of B1, C1, F1, F5, D4, D5, G1, G2, I1, K2, K3, X1, X2, W: if the class was given the"
        " other tasks only, grade it with --tasks D2,J1 and a new folder as --out"
    ]
    found = results(out)
    assert found["ann"]["placeless"] == said[0].removeprefix(f"{SENTENCE} ").split(":")[0].split(", ")
    assert found["ann"]["score"] == found["bob"]["score"] == 0
    part = grade(submissions, tmp_path / "part", "--tasks", "D2,J1")
    assert part.returncode == 0, part.stderr
    assert SENTENCE not in part.stderr


def test_says_nothing_where_one_student_has_the_cell_or_the_task(notebook: Path, tmp_path: Path) -> None:
    submissions = tmp_path / "submissions"
    hand_in_notebook(notebook, submissions, "ann")
    hand_in(submissions, "bob", solution="def topk_error(logits, targets, ks=(1, 5)):\n    return {}\n")
    hand_in(submissions, "eve", solution="def dense_params(sizes, bias=True):\n    return 260\n")
    done = grade(submissions, tmp_path / "out", "--tasks", "B1,D2,J1")
    assert done.returncode == 0, done.stderr
    assert SENTENCE not in done.stderr
    assert "B1" in results(tmp_path / "out")["ann"]["placeless"]
