"""Sentences of the receipt that refuse nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.course.public import load_public
from autograder.student.packing.hints import hints
from autograder.student.packing.trial import Trial
from autograder.student.work import read_work


def told(bundle: Path) -> list[str]:
    public = load_public(bundle)
    work = read_work(bundle, public)
    return hints(work, Trial(work.submission), public)


@pytest.mark.parametrize(
    ("newer", "is_told"), [("seminar_cnn.ipynb", False), ("mine.py", False), ("solution.py", True)]
)
def test_weights_are_compared_with_the_files_that_hold_tasks(
    bundle: Path, sources: dict[str, str], newer: str, is_told: bool
) -> None:
    (bundle / "solution.py").write_text(sources["J1"])
    (bundle / "mine.py").write_text("ONE = 1\n")
    (bundle / "model.safetensors").write_bytes(b"")
    for name in ("seminar_cnn.ipynb", "mine.py", "solution.py", "model.safetensors"):
        moment = 1.7e9 + 3600 * (name == newer)
        os.utime(bundle / name, (moment, moment))
    old = [hint for hint in told(bundle) if "is older than" in hint]
    expected = f"model.safetensors is older than {newer}: "
    assert [hint[: len(expected)] for hint in old] == [expected] * is_told


def test_data_files_that_are_too_big_are_named(bundle: Path) -> None:
    (bundle / "small.csv").write_text("1,2")
    assert not [hint for hint in told(bundle) if "no room" in hint]
    (bundle / "big.csv").write_bytes(bytes(1_000_001))
    assert [hint for hint in told(bundle) if "no room" in hint and "(big.csv)" in hint]
