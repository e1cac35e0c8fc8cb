"""Marks given by hand through the real command: awaited, counted, kept by every regrade, and refused where wrong."""

from __future__ import annotations

import json
import re
import subprocess
import time
from pathlib import Path

import pytest

from autograder.course.assignment import find_assignment
from autograder.release.bundle import bundle_files
from tests.autograder.grading_support import AUTOGRADER, ENV, ROOT, grade, results, scores, task

pytestmark = pytest.mark.slow

HOSTILE = "<script>alert(1)</script>\x1b[2J"
ROWS = {"filter": "Filter 3, digit 16.", "mistake": "Picture 134.", "input": HOSTILE}
LINES = "anna;W;filter;3,5;Иванова;хорошо\r\nanna;W;mistake;2;Иванова;\r\nanna;W;input;3;Иванова;\r\n"
HEAD = "student;task;row;points;by;remark\r\n"


@pytest.fixture(scope="module")
def released() -> dict[str, object]:
    files = bundle_files(find_assignment("seminar_cnn", ROOT / "assignments"), "en")
    notebook: dict[str, object] = json.loads(files["seminar_cnn.ipynb"])
    return notebook


def answer(folder: Path, student: str, notebook: dict[str, object], **texts: str) -> None:
    changed = json.loads(json.dumps(notebook))
    for cell in changed["cells"]:
        if (row := cell["id"].removeprefix("W-")) in texts:
            cell["source"] = [texts[row]]
    target = folder / student
    target.mkdir(parents=True)
    (target / "seminar_cnn.ipynb").write_text(json.dumps(changed), encoding="utf-8")


@pytest.fixture
def submissions(tmp_path: Path, released: dict[str, object]) -> Path:
    folder = tmp_path / "submissions"
    answer(folder, "anna", released, **ROWS)
    answer(folder, "boris", released, filter="Filter 1.")
    answer(folder, "vera", released)
    return folder


def said(out: Path) -> dict[str, tuple[str, str, str]]:
    return {name: (row["W"], row["score"], row["status"]) for name, row in scores(out).items()}


def test_marks_outlive_every_regrade(tmp_path: Path, submissions: Path) -> None:
    out = tmp_path / "out"
    done = grade(submissions, out)
    assert done.returncode == 0, done.stderr
    assert said(out) == {
        "anna": ("–", "0", "awaiting W"), "boris": ("–", "0", "awaiting W"), "vera": ("–", "0", "graded"),
    }  # fmt: skip
    assert "To mark: 4 answers of 2 submissions" in done.stdout
    assert "awaiting W" in done.stdout
    stored = task(results(out)["anna"], "W")
    assert (stored["score"], stored["max_score"], stored["tests"]) == (0, 10, [])
    assert stored["answers"] == [
        {"row": "filter", "text": ROWS["filter"]},
        {"row": "mistake", "text": ROWS["mistake"]},
        {"row": "input", "text": "<script>alert(1)</script>"},
    ]
    assert results(out)["anna"]["max_score"] == 100
    assert "<script>" not in (out / "report" / "marking.html").read_text(encoding="utf-8")
    own, of_class = out / "report" / "students" / "anna.html", out / "report" / "index.html"
    assert "<script>" not in own.read_text(encoding="utf-8")
    page = of_class.read_text(encoding="utf-8")
    assert page.count("<script>") == 1, "the one that sorts"
    shares = re.findall(r'<td class="num">([^<]*)</td>', page)
    assert shares[-1] == "–", "of a task without a mark there is no share"
    assert shares[0] == "0 %"
    manual = out / "manual.csv"
    manual.write_bytes((HEAD + LINES).encode("cp1251"))
    written, modified = manual.read_bytes(), manual.stat().st_mtime_ns
    for more in ((), ("--regrade",)):
        done = grade(submissions, out, *more)
        assert done.returncode == 0, done.stderr
        assert said(out) == {
            "anna": ("8.5", "8.5", "graded"), "boris": ("–", "0", "awaiting W"), "vera": ("–", "0", "graded"),
        }  # fmt: skip
        assert (manual.read_bytes(), manual.stat().st_mtime_ns) == (written, modified)
        assert task(results(out)["anna"], "W") == stored, "a result holds what was handed in, not the marks"
    page = own.read_text(encoding="utf-8")
    assert "<b>3.5</b>: хорошо" in page
    assert "Иванова" not in page, "who has marked stays with staff"
    # Handed in anew: the marks stay until a person changes them.
    (submissions / "anna" / "solution.py").write_text("x = 1\n", encoding="utf-8")
    assert grade(submissions, out).returncode == 0
    assert said(out)["anna"] == ("8.5", "8.5", "graded")
    assert manual.read_bytes() == written


def test_wrong_lines_stop_a_run_before_it_begins(tmp_path: Path, submissions: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    # Nobody is graded yet, and a student who is about to be is known.
    (out / "manual.csv").write_text(
        HEAD + LINES + "olga;W;filter;1;;\r\nvera;W;filter;4,5;;\r\n", encoding="utf-8"
    )
    done = grade(submissions, out)
    assert done.returncode == 2
    assert "manual.csv, line 5: there is no student 'olga'" in done.stderr
    assert "manual.csv, line 6: points are 4,5, the row has 4 at most" in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in out.iterdir()] == ["manual.csv"]
    (out / "manual.csv").write_text(HEAD + LINES, encoding="utf-8")
    assert grade(submissions, out).returncode == 0
    assert said(out)["anna"] == ("8.5", "8.5", "graded")
    before = (out / "scores.csv").read_bytes()
    (out / "manual.csv").write_text(HEAD + "anna;W;filter;1;a;\r\nanna;W;filter;2;a;\r\n", encoding="utf-8")
    done = report(out)
    assert done.returncode == 2
    assert "line 3: 'a' has marked W, row 'filter', of 'anna' in line 2 already; keep one" in done.stderr
    assert (out / "scores.csv").read_bytes() == before
    (out / "manual.csv").write_text(HEAD + "boris;W;filter;1;a;\r\n", encoding="utf-8")
    done = report(out)
    assert done.returncode == 0, done.stderr
    assert said(out) == {
        "anna": ("–", "0", "awaiting W"), "boris": ("1", "1", "graded"), "vera": ("–", "0", "graded"),
    }  # fmt: skip
    assert "To mark: 3 answers of 1 submission, " in done.stdout


def report(out: Path) -> subprocess.CompletedProcess[str]:
    command = [str(AUTOGRADER), "report", str(out)]
    return subprocess.run(command, cwd=ROOT, env=ENV, capture_output=True, text=True, check=False)


def test_a_line_that_turns_wrong_during_a_run_costs_no_grade(
    tmp_path: Path, submissions: Path, released: dict[str, object]
) -> None:
    """Whoever marks while a class is graded loses nothing: the line is named, the grades are there."""
    out = tmp_path / "out"
    # A sleep that the call's limit ends: the run lasts long enough for a person to write.
    (submissions / "vera" / "solution.py").write_text(
        "import time\n\n\ndef topk_error(*a, **k):\n    time.sleep(60)\n", encoding="utf-8"
    )
    command = [str(AUTOGRADER), "grade", "seminar_cnn", str(submissions), "--out", str(out)]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=ENV,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as running:
        deadline = time.monotonic() + 120
        while not (out / "course.key").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        (out / "manual.csv").write_text(HEAD + "anna;W;filter;9;Иванова;\r\n" + LINES, encoding="utf-8")
        _, said_of_it = running.communicate(timeout=300)
    assert running.returncode == 2, said_of_it
    assert "left out until it is mended" in said_of_it
    assert "manual.csv, line 2" in said_of_it
    assert set(results(out)) == {"anna", "boris", "vera"}
    assert said(out)["anna"] == ("8.5", "8.5", "graded")
