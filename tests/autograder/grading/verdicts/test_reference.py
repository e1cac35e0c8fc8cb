"""A question to a fork, and the reference in the place of a student."""

from __future__ import annotations

import os
import time
from pathlib import Path

import torch
import torch.nn.functional as F

from autograder.course.manifest import load_manifest
from autograder.grading.verdicts.reference import MOST_BYTES, ask_a_fork, reference_student

SEMINAR = Path(__file__).parents[4] / "assignments" / "seminar_cnn"


def test_the_answer_of_a_fork() -> None:
    assert ask_a_fork(lambda: "да", 10) == "да"
    assert ask_a_fork(lambda: "", 10) == ""
    assert ask_a_fork(lambda: "x" * (2 * MOST_BYTES), 10) == "x" * MOST_BYTES


def test_what_a_fork_changes_is_gone_with_it() -> None:
    changed: list[int] = []

    def question() -> str:
        changed.append(os.getpid())
        return str(len(changed))

    assert ask_a_fork(question, 10) == "1"
    assert changed == []


def test_a_fork_that_fails_ends_or_hangs_gives_no_answer() -> None:
    started = time.monotonic()
    assert ask_a_fork(lambda: str(1 // 0), 10) is None
    assert ask_a_fork(lambda: os._exit(0), 10) is None
    assert ask_a_fork(lambda: str(time.sleep(60)), 0.2) is None
    assert time.monotonic() - started < 30


def test_the_reference_answers_like_a_student() -> None:
    student = reference_student(load_manifest(SEMINAR), b"no weights")
    x, weight = torch.ones(1, 1, 3, 3), torch.ones(1, 1, 2, 2)
    assert torch.equal(student.conv2d(x, weight, None), F.conv2d(x, weight))
    student.close()
