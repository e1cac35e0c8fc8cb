"""Temporary folders of killed runs are swept; a living process's, another owner's and a stranger's are not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.sandbox.host.scratch import MAKING_S, PREFIX, USED, Scratch, sweep

HOLDER = """
import os, sys, time
from pathlib import Path
from autograder.sandbox.host.scratch import Scratch
scratch = Scratch("lab", Path(sys.argv[1]))
(scratch.root / "deep" / "file").parent.mkdir()
(scratch.root / "deep" / "file").write_text("x")
if sys.argv[2] == "fork" and os.fork() == 0:
    time.sleep(60)
print(os.getpid(), flush=True)
time.sleep(60)
"""


def hold(base: Path, how: str = "") -> subprocess.Popen[str]:
    """A process that uses a folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, base, how], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    assert process.stdout.readline()
    return process


def end(process: subprocess.Popen[str], *, whole: bool = True) -> None:
    if whole:
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def test_a_folder_goes_with_its_context(tmp_path: Path) -> None:
    with Scratch("lab", tmp_path) as root:
        assert root.name.startswith(f"{PREFIX}lab-")
        assert root.stat().st_mode & 0o777 == 0o700
    assert not list(tmp_path.iterdir())


def test_the_next_run_sweeps_what_a_killed_one_has_left(tmp_path: Path) -> None:
    running = hold(tmp_path)
    (used,) = tmp_path.iterdir()
    assert sweep(tmp_path) == []
    end(running)
    assert used.exists()
    with Scratch("lab", tmp_path):
        assert not used.exists()


def test_a_fork_that_lives_keeps_the_folder(tmp_path: Path) -> None:
    running = hold(tmp_path, "fork")
    end(running, whole=False)
    assert sweep(tmp_path) == []
    os.killpg(running.pid, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while not sweep(tmp_path):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_folder_that_is_being_made_is_left_for_an_hour(tmp_path: Path) -> None:
    made = tmp_path / f"{PREFIX}lab-x"
    made.mkdir()
    assert sweep(tmp_path) == []
    old = time.time() - MAKING_S - 60
    os.utime(made, (old, old))
    assert sweep(tmp_path) == [made]


def test_other_names_links_and_files_stay(tmp_path: Path) -> None:
    (tmp_path / "other-lab").mkdir()
    (tmp_path / "other-lab" / USED).touch()
    (tmp_path / f"{PREFIX}file").touch()
    (tmp_path / f"{PREFIX}link").symlink_to(tmp_path / "other-lab")
    assert sweep(tmp_path) == []
    assert (tmp_path / "other-lab" / USED).exists()
    assert sweep(tmp_path / "none") == []


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")
def test_another_owners_folder_stays(tmp_path: Path) -> None:
    made = tmp_path / f"{PREFIX}lab-x"
    made.mkdir()
    (made / USED).touch()
    os.chown(made, 12345, -1)
    assert sweep(tmp_path) == []
    os.chown(made, 0, -1)
    assert sweep(tmp_path) == [made]


SWEEPER = """
import sys
from pathlib import Path
from autograder.sandbox.host.scratch import sweep
print("ready", flush=True)
input()
sweep(Path(sys.argv[1]))
"""


def test_two_that_sweep_at_once_leave_nothing(tmp_path: Path) -> None:
    made = tmp_path / f"{PREFIX}lab-x"
    made.mkdir()
    for number in range(300):
        (made / f"{number}" / "deep").mkdir(parents=True)
        (made / f"{number}" / "deep" / "file").touch()
    (made / USED).touch()
    sweepers = [
        subprocess.Popen(
            [sys.executable, "-c", SWEEPER, tmp_path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for sweeper in sweepers:
        assert sweeper.stdout is not None
        assert sweeper.stdout.readline() == "ready\n"
    for sweeper in sweepers:
        assert sweeper.stdin is not None
        sweeper.stdin.write("\n")
        sweeper.stdin.flush()
    for sweeper in sweepers:
        sweeper.communicate(timeout=60)
    assert [sweeper.returncode for sweeper in sweepers] == [0, 0]
    assert not list(tmp_path.iterdir())
