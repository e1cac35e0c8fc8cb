"""Grading trusted code on a system that has nothing of Linux but POSIX: the same verdicts, said to be unprotected."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

import pytest

from tests.autograder.grading_support import results
from tests.machines import AUTOGRADER, ROOT, as_on

pytestmark = pytest.mark.slow

NAP = "31557"
# Right otherwise; only at a k that is too large does it hang or leave: each new worker imports torch anew.
RIGHT = (
    "    places = {k: logits.topk(k).indices for k in ks}\n"
    "    return {k: float((where != targets[:, None]).all(1).double().mean()) for k, where in places.items()}\n"
)
SOLUTIONS = {
    "hangs": "def topk_error(logits, targets, ks=(1, 5)):\n    while max(ks) > logits.shape[1]:\n        pass\n"
    + RIGHT,
    "leaves": "import os, subprocess\n\ndef topk_error(logits, targets, ks=(1, 5)):\n"
    "    if max(ks) > logits.shape[1]:\n"
    f"        subprocess.Popen(['sleep', '{NAP}'])\n        os._exit(0)\n" + RIGHT,
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("other")
    for student, code in SOLUTIONS.items():
        (folder / "submissions" / student).mkdir(parents=True)
        (folder / "submissions" / student / "solution.py").write_text(code)
    (folder / "submissions" / "right" / "hw_cnn").mkdir(parents=True)
    shutil.copy(ROOT / "hw_cnn" / "metrics.py", folder / "submissions" / "right" / "hw_cnn")
    command = [
        AUTOGRADER,
        "grade",
        "seminar_cnn",
        folder / "submissions",
        "--out",
        folder / "o",
        "--lang",
        "en",
    ]
    done = as_on("other system", [*command, "--trusted-code"], timeout_s=500)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return folder / "o"


def test_the_verdicts_are_those_of_linux(graded: Path) -> None:
    found = results(graded)
    points = {
        student: next(t["score"] for t in found[student]["tasks"] if t["id"] == "J1") for student in found
    }
    assert points == {"right": 4, "hangs": 3.65, "leaves": 3.65}
    said = {
        student: " ".join(test["message"] for task in found[student]["tasks"] for test in task["tests"])
        for student in found
    }
    assert "did not answer in time" in said["hangs"]
    assert "The process that ran your code ended" in said["leaves"]
    for result in found.values():
        assert result["sandbox"]["tier"] == "C: files not hidden"
        assert not result["needs_staff"]


def test_nothing_of_a_worker_is_left(graded: Path) -> None:
    commands = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            commands.append(process.read_bytes().split(b"\0"))
    assert [b"sleep", NAP.encode(), b""] not in commands
