"""A signal is noted at once and obeyed at a safe place, wherever it comes; a second one ends the process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.errors import GraderError, StoreError
from autograder.grading import stopping
from autograder.sandbox.kernel import processes

SWALLOWED = """
import os, signal, sys
from autograder.grading import stopping

def interrupt():
    os.kill(os.getpid(), signal.SIGINT)

with stopping.held():
    {place}
    print("went on", flush=True)
    stopping.check()
print("not stopped", flush=True)
"""
PLACES = {
    "a hook after a fork": "os.register_at_fork(after_in_parent=interrupt)\n    os.fork() or os._exit(0)",
    "logging's hook after a fork": (
        "import logging\n    os.register_at_fork(after_in_parent=interrupt); logging.getLogger().handlers\n"
        "    os.fork() or os._exit(0)"
    ),
    "a finalizer": "type('Last', (), {'__del__': lambda self: interrupt()})()",
    "an import": "import pathlib; pathlib.Path('slow_one.py').write_text('import os, signal; "
    "os.kill(os.getpid(), signal.SIGINT)'); sys.path.insert(0, '.'); import slow_one",
    "pytest's collection": (
        "import pathlib, pytest; pathlib.Path('test_x.py').write_text('import os, signal; "
        "os.kill(os.getpid(), signal.SIGINT)\\ndef test_x(): pass')\n"
        "    pytest.main(['-p', 'no:terminal', '--capture=no', 'test_x.py'])"
    ),
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_no_interrupt_is_swallowed(tmp_path: Path, place: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SWALLOWED.format(place=place)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "went on\n", done.stderr
    assert "KeyboardInterrupt" in done.stderr
    assert done.stderr.count("stopping, finished results are kept; once more stops at once") == 1


SECOND = """
import signal, sys, time
from autograder.grading import fork_pool, stopping

def work(job):
    time.sleep(60)
    return b"x"

with stopping.held():
    print("ready", flush=True)
    if sys.argv[1] == "pool":
        for done in fork_pool.run([1, 2], work, slots=2, deadline_s=60):
            print("finished", flush=True)
    time.sleep(60)
"""


def wait_until(true: object, within_s: float = 60.0) -> None:
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def start(kind: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", SECOND, kind],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.parametrize("number", stopping.SIGNALS)
def test_a_second_signal_stops_at_once(number: signal.Signals) -> None:
    process = start("sleep")
    process.send_signal(number)
    assert process.stderr is not None
    while "once more" not in process.stderr.readline():
        pass
    assert process.poll() is None
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    assert process.returncode == stopping.STOPPED
    assert "stopped at once; the same command continues" in said


@pytest.mark.parametrize("to_all", [True, False])
@pytest.mark.parametrize("number", stopping.SIGNALS)
def test_a_pool_stops_and_nothing_is_taken_for_a_result(to_all: bool, number: signal.Signals) -> None:
    process = start("pool")
    wait_until(lambda: len(processes.children(process.pid)) == 2)
    children = processes.children(process.pid)
    os.killpg(process.pid, number) if to_all else process.send_signal(number)
    out, said = process.communicate(timeout=30)
    assert out == ""
    assert "KeyboardInterrupt" in said
    assert [pid for pid in children if processes.read_stat(pid) is not None] == []


def test_forks_end_with_a_killed_parent() -> None:
    process = start("pool")
    wait_until(lambda: len(processes.children(process.pid)) == 2)
    children = processes.children(process.pid)
    process.kill()
    process.communicate(timeout=30)
    wait_until(
        lambda: all((stat := processes.read_stat(pid)) is None or stat.state == "Z" for pid in children)
    )


def fail(error: Exception, *, interrupted: bool) -> None:
    with stopping.held():
        if interrupted:
            os.kill(os.getpid(), signal.SIGINT)
        raise error


@pytest.mark.parametrize(
    ("error", "raised"),
    [(GraderError("a helper is gone"), KeyboardInterrupt), (StoreError("the disk is full"), StoreError)],
)
def test_what_fails_with_a_stop_is_the_stop_unless_it_is_the_disk(
    error: Exception, raised: type[BaseException], capfd: pytest.CaptureFixture[str]
) -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(raised):
        fail(error, interrupted=True)
    assert "stopping" in capfd.readouterr().err
    with pytest.raises(type(error)):
        fail(error, interrupted=False)
    assert signal.getsignal(signal.SIGINT) == before
    stopping.check()  # what was noted is over with `held`
