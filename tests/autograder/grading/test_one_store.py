"""What lies below --out is one class, whatever folders and parts of it were graded, and whatever happened to a file."""

from __future__ import annotations

import csv
import subprocess
from pathlib import Path

import pytest

from autograder.results.grade import Grade
from autograder.results.store import Store
from scripts.interrupts import SOLUTION, Lab

pytestmark = pytest.mark.slow


def grade(lab: Lab, submissions: str = "class", *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*lab.command(lab.root / "out", submissions), *more],
        env=lab.environment, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip


def hand_in(folder: Path, body: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "solution.py").write_text(SOLUTION.format(body))


def listed(out: Path) -> set[str]:
    with (out / "scores.csv").open(encoding="utf-8", newline="") as stream:
        return {row["student"] for row in csv.DictReader(stream)}


def test_parts_add_up_and_nothing_is_lost(tmp_path: Path) -> None:
    lab, store = Lab(tmp_path), Store(tmp_path / "out")
    lab.prepare(students=4)
    first = grade(lab)
    assert first.returncode == 0, first.stderr
    assert "graded 3, rejected 1" in first.stdout
    assert "zoe: 0 of 5, rejected (" in first.stderr
    everybody = {"s000", "s001", "s002", "zoe"}
    assert listed(store.out) == everybody

    # A folder of its own: who was late. Whoever is on the roster and has a grade keeps it.
    hand_in(tmp_path / "late" / "vera", "x.mean((2, 3))")
    (tmp_path / "roster.csv").write_text("student\ns000\nvera\nnobody\n")
    before = store.load("s000")
    late = grade(lab, "late", "--roster", str(tmp_path / "roster.csv"))
    assert late.returncode == 0, late.stderr
    assert store.load("s000") == before
    assert listed(store.out) == everybody | {"vera", "nobody"}
    assert "also holds 3 more (graded 2, rejected 1)" in late.stdout
    assert "Without a submission in" in late.stdout

    # In the late folder again, with a damaged result of somebody whose work is not in it.
    whole = store.result_path("s000").read_bytes()
    store.result_path("s000").write_text("{")
    damaged = grade(lab, "late", "--roster", str(tmp_path / "roster.csv"))
    assert damaged.returncode == 1
    assert store.result_path("s000").read_text() == "{", "nobody is missing because a result is damaged"
    store.result_path("s000").write_bytes(whole)

    # One is damaged, one was handed in anew.
    store.result_path("s001").write_text("{")
    hand_in(tmp_path / "class" / "s002", "x.mean((2, 3))")
    again = grade(lab)
    assert again.returncode == 0, "what was set aside is graded anew, and everything is whole"
    assert "the result of s001 could not be read" in again.stderr
    assert f"the damaged file is kept as {store.result_path('s001')}.damaged" in again.stderr
    assert (store.out / "results" / "s001.json.damaged").read_text() == "{"
    assert store.load("s001") is not None
    kept = Grade.model_validate_json((store.out / "attempts" / "s002" / "1.json").read_bytes())
    now = store.load("s002")
    assert now is not None
    assert (kept.score, now.score, now.attempt) == (0, 5, 2)
    assert listed(store.out) == everybody | {"vera", "nobody"}
