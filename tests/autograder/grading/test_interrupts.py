"""A class that is stopped, or killed, at random moments ends with the results of one that nobody disturbed."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from autograder.results.store import Store
from scripts.interrupts import Lab, contents, try_stops


@pytest.mark.nightly
def test_random_stops_change_nothing(tmp_path: Path) -> None:
    tally = try_stops(tmp_path, interrupts=12, kills=6, students=10, longest_s=15.0, seed=3)
    assert tally.wrong == []
    assert (tally.interrupts, tally.kills) == (12, 6)


@pytest.mark.slow
def test_a_stop_in_the_middle_says_how_to_go_on_and_the_rest_follows(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    lab.prepare(students=8)
    out, errors = tmp_path / "out", tmp_path / "errors"
    running = lab.start(out, errors)
    deadline = time.monotonic() + 300
    while len(list((out / "results").glob("*.json"))) < 2:
        assert running.poll() is None, errors.read_text()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.killpg(running.pid, signal.SIGINT)
    assert running.wait(300) == 130
    said = errors.read_text()
    finished = {grade.student for grade in Store(out).grades()}
    assert f"stopped after {len(finished)} of 8" in said
    assert "the same command continues" in said
    table = contents(out)["scores.csv"]
    assert {line.split(",")[0] for line in table.splitlines()[1:]} == finished
    assert not [grade for grade in Store(out).grades() if grade.needs_staff]
    assert not list(lab.temporary.glob("hw-cnn-*"))
    started = {grade.student: grade.started_at for grade in Store(out).grades()}
    assert lab.start(out, errors).wait(300) == 0
    after = {grade.student: grade for grade in Store(out).grades()}
    assert len(after) == 8
    # Who was rejected is read again; who was judged is not judged again.
    assert all(
        after[name].started_at == time_ for name, time_ in started.items() if after[name].status == "graded"
    )
