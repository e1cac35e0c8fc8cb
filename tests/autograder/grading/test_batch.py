"""What `grade` promises beyond a right score: fail closed, resume, roster, salts, no double punishment."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.autograder.grading_support import ENV, ROOT, command, grade, hand_in, results, scores, task

pytestmark = pytest.mark.slow

TOPK = """
def topk_error(logits, targets, ks=(1, 5)):
    if max(ks) > logits.shape[1]:
        raise ValueError("k is larger than the number of classes")
    own = logits.gather(1, targets[:, None])
    place = (logits >= own).sum(1)
    return {k: (place > k).double().mean().item() for k in ks}
"""


@pytest.fixture
def submissions(tmp_path: Path) -> Path:
    folder = tmp_path / "submissions"
    hand_in(folder, "anna", solution=TOPK)
    return folder


def course_with(tmp_path: Path, **hidden: str) -> Path:
    """A copy of the assignment in which some hidden test files have another text."""
    course = tmp_path / "course"
    shutil.copytree(ROOT / "assignments" / "seminar_cnn", course / "seminar_cnn")
    for name, text in hidden.items():
        (course / "seminar_cnn" / "hidden" / f"{name}.py").write_text(text, encoding="utf-8")
    return course


def test_an_error_of_the_grader_is_zero_points_staff_and_exit_1(tmp_path: Path, submissions: Path) -> None:
    original = (ROOT / "assignments/seminar_cnn/hidden/test_j1.py").read_text(encoding="utf-8")
    first = next(line for line in original.splitlines() if line.startswith("def test_"))
    broken = original.replace(first, f"{first}\n    1 / 0\n", 1)
    done = grade(submissions, tmp_path / "out", "--assignments", str(course_with(tmp_path, test_j1=broken)))
    assert done.returncode == 1
    assert "anna" in done.stderr
    assert "ZeroDivisionError" in done.stderr
    result = results(tmp_path / "out")["anna"]
    assert result["status"] == "partial"
    assert result["needs_staff"] is True
    verdicts = {test["id"]: (test["passed"], test["points"]) for test in task(result, "J1")["tests"]}
    name = first.split("(")[0].removeprefix("def ")
    assert verdicts.pop(f"test_j1.py::{name}") == (None, 0.0)
    assert all(passed is True and points > 0 for passed, points in verdicts.values())


def test_a_note_for_staff_makes_no_exit_1_and_no_grade_stale(tmp_path: Path, submissions: Path) -> None:
    (submissions / "anna" / "table.bin").write_bytes(bytes(2000))
    for kept in (False, True):
        done = grade(submissions, tmp_path / "out")
        assert done.returncode == 0, done.stderr
        assert ("(unchanged)" in done.stderr) is kept
        result = results(tmp_path / "out")["anna"]
        assert (result["status"], result["needs_staff"]) == ("graded", False)
        (note,) = result["staff_notes"]
        assert "table.bin (2000)" in note
        assert note not in str([result["notes"], result["reason"], result["tasks"]])


def test_hidden_tests_that_the_manifest_does_not_price_are_refused(tmp_path: Path, submissions: Path) -> None:
    course = course_with(tmp_path, test_extra="def test_more(student):\n    pass\n")
    done = grade(submissions, tmp_path / "out", "--assignments", str(course))
    assert done.returncode == 2
    assert "test_extra.py::test_more, which the manifest does not price" in done.stderr


def test_hidden_tests_that_cannot_be_collected_are_refused(tmp_path: Path, submissions: Path) -> None:
    done = grade(
        submissions, tmp_path / "out", "--assignments", str(course_with(tmp_path, test_j1="import nothing"))
    )
    assert done.returncode == 2
    assert "cannot be collected" in done.stderr
    assert "No module named 'nothing'" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_killed_run_goes_on_where_it_was(tmp_path: Path, submissions: Path) -> None:
    hand_in(
        submissions,
        "zoe",
        # Wrong everywhere; it hangs only where k is too large, for each call that hangs takes two seconds.
        solution="def topk_error(logits, targets, ks=(1, 5)):\n    while max(ks) > logits.shape[1]: pass\n",
    )
    out = tmp_path / "out"
    running = subprocess.Popen(
        command(submissions, out, "--jobs", "1"),
        cwd=ROOT,
        env=ENV,
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 120
    while not (out / "results" / "anna.json").exists():
        assert time.monotonic() < deadline
        assert running.poll() is None
        time.sleep(0.05)
    running.send_signal(signal.SIGKILL)
    running.wait()
    first = results(out)["anna"]
    assert not list((out / "results").glob(".*.tmp"))
    done = grade(submissions, out)
    assert done.returncode == 0, done.stderr
    assert results(out)["anna"] == first
    assert set(scores(out)) == {"anna", "zoe"}
    assert task(results(out)["zoe"], "J1")["score"] == 0


OVERRIDE = {"task": "J1", "points": 1.0, "reason": "explained", "by": "ta", "at": "2026-10-01T12:00:00Z"}


def change_by_hand(result: Path) -> None:
    """Add what a person has decided to a stored grade."""
    grade = json.loads(result.read_text(encoding="utf-8"))
    result.write_text(json.dumps({**grade, "overrides": [OVERRIDE]}), encoding="utf-8")


def test_roster_attempts_overrides_and_salts(tmp_path: Path, submissions: Path) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text("student,group\nanna,1\nboris,2\n", encoding="utf-8-sig")
    out = tmp_path / "out"
    assert grade(submissions, out, "--roster", str(roster)).returncode == 0
    before = results(out)
    assert (before["boris"]["status"], before["boris"]["score"]) == ("missing", 0)
    assert task(before["anna"], "J1")["score"] == task(before["anna"], "J1")["max_score"]
    change_by_hand(out / "results" / "anna.json")
    (submissions / "anna" / "solution.py").write_text(TOPK + "\n# one more comment\n", encoding="utf-8")
    hand_in(submissions, "vera", solution=TOPK)
    assert grade(submissions, out).returncode == 0
    after = results(out)
    assert (before["anna"]["attempt"], after["anna"]["attempt"]) == (1, 2)
    assert before["anna"]["salt_id"] == after["anna"]["salt_id"] != after["vera"]["salt_id"]
    assert (out / "course.key").stat().st_mode & 0o777 == 0o600
    assert grade(submissions, out, "--regrade").returncode == 0
    again = results(out)["anna"]
    assert again["started_at"] > after["anna"]["started_at"]
    assert again["attempt"] == 2
    assert again["overrides"] == after["anna"]["overrides"] == [OVERRIDE]


def test_a_wrong_task_costs_that_task_only(tmp_path: Path) -> None:
    """All of the reference but F1, G1 and J1, which are broken: the other tasks lose nothing (training left out)."""
    from autograder.course.assignment import find_assignment
    from autograder.validation.class_of_variants import reference_package

    manifest = find_assignment("seminar_cnn", ROOT / "assignments").manifest
    folder = tmp_path / "submissions" / "anna"
    for name, content in reference_package(manifest).items():
        if name != "hw_cnn/training.py":
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
    (folder / "solution.py").write_text(
        "def conv2d(*args, **kwargs):\n    raise ValueError('F1 is broken')\n"
        "def pool2d(*args, **kwargs):\n    raise ValueError('G1 is broken')\n"
        "def topk_error(*args, **kwargs):\n    raise ValueError('J1 is broken')\n",
        encoding="utf-8",
    )
    assert grade(tmp_path / "submissions", tmp_path / "out").returncode == 0
    result = results(tmp_path / "out")["anna"]
    assert [task(result, name)["score"] for name in ("F1", "G1", "J1")] == [0, 0, 0]
    for name in ("I1", "K2"):
        assert task(result, name)["score"] == task(result, name)["max_score"]
    first = task(result, "F1")["tests"][0]
    assert "F1 is broken" not in first["message"], "a text that could hold hidden numbers"
    assert "F1 is broken" in first["example"]["error"]
