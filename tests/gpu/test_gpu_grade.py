"""The homework, graded on a real GPU within its own limits: the reference earns what it earns on the CPU.

Skipped, with the reason, where no GPU answers; `tests/autograder/grading/test_devices.py` shows there what happens to
a run that asks for one, and how submissions share it.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.autograder.grading_support import ROOT, grade, results
from tests.gpu.support import needs_a_gpu

pytestmark = pytest.mark.slow

STUDENTS = ("reference_package", "wrong_flipped_kernel", "stub")


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, dict[str, Any]]]:
    """The results of some of the sample class, on "cpu" and on "cuda"."""
    needs_a_gpu()
    folder: Path = tmp_path_factory.mktemp("class")
    for student in STUDENTS:
        shutil.copytree(ROOT / "examples" / "submissions" / student, folder / "submissions" / student)
    (folder / "course.key").write_text("0123456789abcdef0123456789abcdef")
    found = {}
    for device in ("cpu", "cuda"):
        done = grade(
            folder / "submissions", folder / device, "--device", device, "--key", str(folder / "course.key")
        )
        assert done.returncode == 0, done.stderr
        found[device] = results(folder / device)
    return found


@pytest.mark.parametrize("student", STUDENTS)
def test_every_test_has_the_verdict_that_it_has_on_the_cpu(
    graded: dict[str, dict[str, dict[str, Any]]], student: str
) -> None:
    cpu, cuda = graded["cpu"][student], graded["cuda"][student]
    assert (cpu["device"], cuda["device"]) == ("cpu", "cuda")
    assert cuda["needs_staff"] is False
    assert cuda["status"] == cpu["status"]
    for one, other in zip(cpu["tasks"], cuda["tasks"], strict=True):
        measured = {found["id"] for found in cpu["thresholds"]}
        verdicts = [
            {test["id"]: test["passed"] for test in found["tests"] if test["id"] not in measured}
            for found in (one, other)
        ]
        assert verdicts[0] == verdicts[1], one["id"]


def test_the_reference_earns_everything(graded: dict[str, dict[str, dict[str, Any]]]) -> None:
    result = graded["cuda"]["reference_package"]
    measured = {found["id"] for found in result["thresholds"]}
    for found in result["tasks"]:
        lost = [test["id"] for test in found["tests"] if not test["passed"] and test["id"] not in measured]
        assert lost == []
        assert found["score"] >= 0.9 * found["max_score"], found
