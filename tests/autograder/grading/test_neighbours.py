"""A submission that starts processes up to its limit costs its neighbours in a run nothing, for root and for a user."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.sandbox.kernel.trees import remove_tree
from tests.autograder.grading_support import command, grade, hand_in, results, task
from tests.autograder.sandbox_support import IS_ROOT, NOBODY, run_as_nobody
from tests.machines import as_on, needs_user_namespaces

pytestmark = pytest.mark.slow

RIGHT = """
    if max(ks) > logits.shape[1]:
        raise ValueError("k is larger than the number of classes")
    own = logits.gather(1, targets[:, None])
    place = (logits >= own).sum(1)
    return {k: (place > k).double().mean().item() for k in ks}
"""
# Right, after it has held all the processes that it can have for a second in each of its first calls.
BOMB = f"""
import os, signal, time
calls = []
def topk_error(logits, targets, ks=(1, 5)):
    calls.append(1)
    started = []
    while len(started) < 500 and len(calls) < 5:
        try:
            started.append(os.fork())
        except BlockingIOError:
            break
        if started[-1] == 0:
            time.sleep(30)
            os._exit(0)
    time.sleep(1.0 if started else 0.0)
    for pid in started:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
{RIGHT}
"""
# 20 threads in each call, of 32 tasks that the manifest allows.
WORK = f"""
import threading, time
def topk_error(logits, targets, ks=(1, 5)):
    threads = [threading.Thread(target=time.sleep, args=(0.05,)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
{RIGHT}
"""
NEIGHBOURS = ("anna", "boris", "vera")


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that an ordinary user can be given."""
    made = Path(tempfile.mkdtemp(prefix="hw-cnn-neighbours-")).resolve()
    hand_in(made / "submissions", "aaa_bomb", solution=BOMB)
    for student in NEIGHBOURS:
        hand_in(made / "submissions", student, solution=WORK)
    yield made
    remove_tree(made)


def check(out: Path) -> None:
    found = results(out)
    for student in NEIGHBOURS:
        topk = task(found[student], "J1")
        assert topk["score"] == topk["max_score"], topk
    assert any("processes" in layer for layer in found["anna"]["sandbox"]["layers"])


def test_the_present_user(place: Path) -> None:
    done = grade(place / "submissions", place / "out", "--jobs", "2")
    assert done.returncode == 0, done.stderr
    check(place / "out")


def test_an_ordinary_user(place: Path) -> None:
    needs_user_namespaces(by="user")
    if IS_ROOT:
        for folder, _, names in os.walk(place):
            for path in (Path(folder), *(Path(folder, name) for name in names)):
                os.chown(path, NOBODY, NOBODY)
    run = command(place / "submissions", place / "out", "--jobs", "2")
    code = f"import subprocess; subprocess.run({run!r}, check=True, capture_output=True)"
    run_as_nobody(code, timeout_s=300.0)
    check(place / "out")


def test_one_at_a_time_where_they_are_counted_together(place: Path) -> None:
    done = as_on("container", command(place / "submissions", place / "out"), timeout_s=300.0)
    assert done.returncode == 0, done.stderr
    assert "one submission at a time" in done.stderr
    check(place / "out")
