"""The local engine: real forks, deaths and deadlines; one bad job never touches another."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from autograder.engine.local import run


def work(job: str) -> bytes:
    if job == "dies":
        os.kill(os.getpid(), signal.SIGKILL)
    if job == "raises":
        raise ValueError("broken on purpose")
    if job == "hangs":
        time.sleep(60)
    if job == "large":
        return b"x" * 3_000_000
    return job.encode()


@pytest.mark.parametrize("slots", [1, 3])
def test_every_job_is_answered_and_the_bad_ones_say_why(
    slots: int, capfd: pytest.CaptureFixture[str]
) -> None:
    jobs = ["one", "dies", "two", "raises", "large", "three"]
    done = {item.job: item for item in run(jobs, work, slots=slots, deadline_s=30)}
    assert set(done) == set(jobs)
    assert [done[job].payload for job in ("one", "two", "three")] == [b"one", b"two", b"three"]
    assert done["large"].payload == b"x" * 3_000_000
    assert (done["dies"].payload, done["dies"].reason) == (None, "the judge was killed by signal 9")
    assert done["raises"].payload is None
    assert "exit code 1" in done["raises"].reason
    assert "broken on purpose" in capfd.readouterr().err


def test_what_a_worker_sent_drives_no_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    def work(job: str) -> bytes:
        raise ValueError(f"{job}: \x1b[2J\x1b]0;title\x07\u202e\ud800 bad")

    (done,) = run(["anna"], work, slots=1, deadline_s=30)
    shown = capfd.readouterr().err
    assert done.payload is None
    assert "anna:  bad" in shown
    assert not set(shown) & set("\x1b\x07\u202e")


def test_an_overdue_job_is_stopped_and_the_others_finish() -> None:
    done = {item.job: item for item in run(["hangs", "one"], work, slots=2, deadline_s=1.0)}
    assert done["one"].payload == b"one"
    assert done["hangs"].payload is None
    assert "still busy after 1 s" in done["hangs"].reason


def children() -> set[str]:
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


def test_stopping_early_leaves_no_child() -> None:
    before = children()
    results = run(["one", "hangs", "hangs"], work, slots=3, deadline_s=30)
    assert next(results).job == "one"
    assert len(children() - before) == 2
    results.close()  # type: ignore[attr-defined]
    assert children() == before
