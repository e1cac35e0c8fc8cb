"""`hw-cnn check` as students meet it: in a bundle, with its own hw_cnn, in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.autograder.student.support import LIGHT, READY_MADE, ROOT, run, write


def test_check_says_what_is_missing(bundle: Path) -> None:
    done = run(bundle, "check", code=LIGHT)
    assert done.returncode == 1, done.stderr
    assert "task F1 is not written yet: conv2d (cell F1" in done.stdout
    assert "Not written yet: B1, C1, D2, F1, F5, D4, D5, G1, G2, I1, K2, J1, K3, X1, X2, W." in done.stdout
    assert "Traceback" not in done.stderr


def test_check_names_places_and_failures(bundle: Path, sources: dict[str, str]) -> None:
    wrong = "def pool2d(x, kernel_size, stride=None, padding=0, mode='max'):\n    return x * 0"
    write(bundle, {"J1": sources["J1"], "G1": wrong, "F1": "def conv2d(x, w:\n    pass"})
    (bundle / "solution.py").write_text(
        "def conv2d(x, weight, bias=None, stride=1, padding=0):\n    return 1 / 0\n"
    )
    done = run(bundle, "check")
    assert done.returncode == 1, done.stderr
    assert "J1: all public tests pass" in done.stdout
    assert "used: topk_error, cell J1" in done.stdout
    assert "G1: 11 of 11 public tests fail" in done.stdout
    assert "syntax error in line" in done.stdout
    assert "taken instead: solution.py" in done.stdout
    assert "your code stopped with an error:" in done.stdout
    assert "ZeroDivisionError: division by zero" in done.stdout
    assert 'File "solution.py", line 2, in conv2d' in done.stdout
    assert "autograder/" not in done.stdout
    # J1 passes, and a hint would not mend what is forbidden.
    assert [line for line in done.stdout.split("\n") if "hint" in line] == [
        "  for a hint: hw-cnn hint F1",
        "  for a hint: hw-cnn hint G1",
    ]


def test_check_and_submit_say_that_points_will_be_withheld(bundle: Path, sources: dict[str, str]) -> None:
    write(bundle, {"F1": READY_MADE, "G1": sources["G1"]})
    why = (
        "the points of F1 (20 points) will be withheld: the solution calls F.conv2d (cell F1 (code cell 15), line 8), "
        "and that is off limits in this task."
    )
    done = run(bundle, "check", "F1", "G1")
    assert done.returncode == 1, done.stderr
    assert why in done.stdout
    assert "G1: all public tests pass" in done.stdout
    done = run(bundle, "submit", "--anyway")
    assert done.returncode == 0, done.stderr
    assert f"! {why}" in done.stdout
    assert "move the assertion out of the function" in done.stdout


def test_check_takes_a_folder_and_package_files(bundle: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    (other / "hw_cnn").mkdir(parents=True)
    (other / "hw_cnn" / "metrics.py").write_bytes((ROOT / "hw_cnn" / "metrics.py").read_bytes())
    (other / "solution.py").write_text("print('never')\n")
    done = run(bundle, "check", str(other))
    assert "never" not in done.stdout
    assert "used: topk_error, hw_cnn/metrics.py" in done.stdout


@pytest.mark.parametrize("command", ["check", "submit"])
def test_commands_outside_of_the_homeworks_folder(bundle: Path, command: str) -> None:
    moved = f"import os\nos.chdir({{!r}})\n{LIGHT}"
    below = run(bundle, command, code=moved.format("hw_cnn"))
    assert below.returncode == 1
    assert "Not written yet: B1" in below.stdout or "written in seminar_cnn.ipynb" in below.stderr
    above = run(bundle, command, code=moved.format(".."))
    assert above.returncode == 2
    assert "holds homeworks (work)" in above.stderr


@pytest.mark.parametrize("arguments", [("a", "b"), ("--fast",), ("nowhere",)])
@pytest.mark.parametrize("command", ["check", "submit"])
def test_wrong_usage(bundle: Path, command: str, arguments: tuple[str, ...]) -> None:
    done = run(bundle, command, *arguments, code=LIGHT)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert f"hw-cnn {command}" in done.stderr or ", ".join(arguments) in done.stderr


def test_some_tasks_only(bundle: Path, sources: dict[str, str]) -> None:
    write(bundle, {"J1": sources["J1"]})
    done = run(bundle, "check", "j1")
    assert done.returncode == 0, done.stderr
    assert "\nComplete: 1 of 1 tasks.\n" in done.stdout
    assert "F1" not in done.stdout


@pytest.mark.slow
def test_the_reference_passes_its_public_tests(bundle: Path, sources: dict[str, str]) -> None:
    write(bundle, sources)
    done = run(bundle, "check")
    assert done.returncode == 1, done.stdout + done.stderr  # what a person marks is still to be written
    assert "public tests fail" not in done.stdout
    notebook = json.loads((bundle / "seminar_cnn.ipynb").read_text(encoding="utf-8"))
    assert f"Complete: {len(sources)} of {len(sources)} tasks." in done.stdout
    assert "Not written yet: X2, W." in done.stdout
    assert notebook["cells"]
