"""A zygote, or a mother of readers, that is killed in the middle of a batch costs nobody anything."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.sandbox.kernel import processes
from tests.autograder.grading_support import ENV, ROOT, command, hand_in, scores, task
from tests.autograder.grading_support import results as read_results

pytestmark = pytest.mark.slow

SLOW_TOPK = """
import time
def topk_error(logits, targets, ks=(1, 5)):
    time.sleep(0.1)
    if max(ks) > logits.shape[1]:
        raise ValueError("k is larger than the number of classes")
    own = logits.gather(1, targets[:, None])
    place = (logits >= own).sum(1)
    return {k: (place > k).double().mean().item() for k in ks}
"""


def zygotes(grader: int) -> list[int]:
    """The zygote is the child of the guardian, a child of the grader that is no judge."""
    found = []
    for child in processes.children(grader):
        with contextlib.suppress(FileNotFoundError):  # a judge may end between the list and the look
            if b"autograder.sandbox.jail.boot" in Path(f"/proc/{child}/cmdline").read_bytes():
                found += processes.children(child)
    return found


def mothers(grader: int) -> list[int]:
    """Of readers."""
    found = []
    for child in processes.children(grader):
        with contextlib.suppress(FileNotFoundError):
            if b"autograder.sandbox.reading.mother" in Path(f"/proc/{child}/cmdline").read_bytes():
                found.append(child)
    return found


def wait_for(condition: object, within_s: float = 120.0) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("victims", [zygotes, mothers])
def test_what_is_killed_is_started_again_and_nothing_is_lost(
    tmp_path: Path, victims: Callable[[int], list[int]]
) -> None:
    students = [f"student{number}" for number in range(6)]
    for student in students:
        hand_in(tmp_path / "submissions", student, solution=SLOW_TOPK)
    out = tmp_path / "out"
    grader = subprocess.Popen(
        command(tmp_path / "submissions", out, "--jobs", "2"),
        cwd=ROOT, env=ENV, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    wait_for(lambda: list((out / "results").glob("*.json")))
    killed = victims(grader.pid)
    assert len(killed) == 1
    os.kill(killed[0], signal.SIGKILL)
    _, said = grader.communicate(timeout=300)
    assert grader.returncode == 0, said
    assert {student: row["status"] for student, row in scores(out).items()} == dict.fromkeys(
        students, "graded"
    )
    for result in read_results(out).values():
        assert result["needs_staff"] is False
        assert task(result, "J1")["score"] == task(result, "J1")["max_score"]
