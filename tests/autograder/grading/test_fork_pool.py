"""The local engine: real forks, deaths and deadlines; one bad job never touches another."""

from __future__ import annotations

import gc
import importlib
import os
import signal
import sys
import time
import types
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.grading.fork_pool import run


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


@pytest.mark.parametrize("end", ["without a word", "with nothing"])
def test_an_exit_code_of_zero_is_no_answer(end: str) -> None:
    """Code that gets hold of `os._exit` in a judge ends it with success, and earns nothing by it."""

    def work(job: str) -> bytes:
        if job == "without a word":
            os._exit(0)
        return b""

    (done,) = run([end], work, slots=1, deadline_s=30)
    assert (done.payload, done.reason) == (None, "the judge ended without an answer")


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


def test_a_childs_garbage_collector_leaves_alone_what_is_inherited() -> None:
    """Counting it would copy all of it, page for page."""
    inherited = [[number] for number in range(100_000)]

    def work(job: str) -> bytes:
        return str(len(gc.get_objects())).encode()

    finished = list(run(["one", "two"], work, slots=1, deadline_s=30))
    assert len(finished) == 2
    for done in finished:
        assert done.payload is not None
        assert int(done.payload) < len(inherited) / 10


class Loop:
    """Ends with a collection only."""

    def __init__(self) -> None:
        self.own = self


def test_what_a_batch_has_left_is_collected_with_the_next() -> None:
    loop = Loop()
    left = weakref.ref(loop)
    list(run(["one"], work, slots=1, deadline_s=30))
    del loop
    gc.collect()
    assert left() is not None, "it was there at a fork"
    list(run(["one"], work, slots=1, deadline_s=30))
    assert left() is None


def children() -> set[str]:
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


def test_stopping_early_leaves_no_child() -> None:
    before = children()
    results = run(["one", "hangs", "hangs"], work, slots=3, deadline_s=30)
    assert next(results).job == "one"
    assert len(children() - before) == 2
    results.close()
    assert children() == before


@pytest.fixture
def imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file that names each process in which the module `heavy` was imported."""
    log = tmp_path / "imports"
    log.touch()
    (tmp_path / "heavy.py").write_text(
        f"import os, warnings\nwith open({str(log)!r}, 'a') as log:\n    log.write(f'{{os.getpid()}}\\n')\n"
        "warnings.warn('old')\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "heavy", raising=False)
    yield log
    sys.modules.pop("heavy", None)


def import_heavy(job: str) -> bytes:
    if "heavy" not in sys.modules:
        with pytest.warns(UserWarning, match="old"):
            importlib.import_module("heavy")
        # What cannot be imported by name hinders nobody.
        sys.modules["made by hand"] = types.ModuleType("made by hand")
    return job.encode()


def test_a_module_is_imported_by_one_job_and_not_by_those_that_start_later(imports: Path) -> None:
    done = list(run(["one", "two", "three", "four"], import_heavy, slots=1, deadline_s=30))
    assert [item.payload for item in done] == [b"one", b"two", b"three", b"four"]
    first, second = imports.read_text().split()
    assert first != second == str(os.getpid())


def test_nothing_is_imported_for_nobody(imports: Path) -> None:
    (done,) = run(["one"], import_heavy, slots=1, deadline_s=30)
    assert done.payload == b"one"
    assert str(os.getpid()) not in imports.read_text().split()
    assert "heavy" not in sys.modules


def test_two_that_run_at_once_have_different_slots(tmp_path: Path) -> None:
    """A slot is a file that a child makes and takes away: who finds it taken shares it with another."""
    slots: list[int] = []

    def enter(slot: int) -> None:
        slots.append(slot)
        (tmp_path / str(slot)).touch(exist_ok=False)

    def work(seconds: float) -> bytes:
        time.sleep(seconds)
        (tmp_path / str(slots[0])).unlink()
        return str(slots[0]).encode()

    jobs = [0.3, 0.0, 0.1, 0.0, 0.1, 0.0]
    done = list(run(jobs, work, slots=3, deadline_s=60.0, enter=enter))
    assert [one.reason for one in done] == [""] * 6
    assert {one.payload for one in done} == {b"0", b"1", b"2"}
    assert slots == [], "only children enter a slot"
