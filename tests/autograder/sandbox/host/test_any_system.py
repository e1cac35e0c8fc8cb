"""`hw-cnn check` and `hw-cnn submit` run on any system: nothing of them needs what only Linux, or only Unix, has."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.release.bundle import release
from tests.machines import ENV, ROOT

# Taken away before anything of the project is imported. A name that Python has not here anyway is no obstacle.
TAKE_AWAY = """
import os, select, signal, socket, sys

def without(module, *names):
    for name in names:
        if hasattr(module, name):
            delattr(module, name)

without(os, "pidfd_open", "memfd_create", "sched_getaffinity", "sched_setaffinity", "unshare", "setns", "eventfd",
        "O_PATH", "O_TMPFILE", "posix_fadvise", "splice", "getrandom")
without(signal, "pidfd_send_signal")
without(select, "epoll")
without(socket, "SOCK_SEQPACKET", "SOCK_CLOEXEC")
"""
WINDOWS = """
import asyncio  # the one of Unix, which torch loads, asks os.sysconf; Windows has its own
for name in ("resource", "fcntl", "pwd", "grp", "termios", "pty", "tty", "syslog"):
    sys.modules[name] = None  # importing it raises ImportError
without(os, "fork", "forkpty", "setsid", "geteuid", "getuid", "getgid", "getegid", "setresuid", "wait4", "chown",
        "getloadavg", "O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "sysconf", "statvfs", "killpg")
without(signal, "SIGKILL", "SIGALRM", "SIGCHLD", "setitimer", "alarm", "pthread_sigmask", "sigtimedwait")
without(socket, "AF_UNIX")
"""
CHECK = """
from hw_cnn import cli
code = cli.main(sys.argv[1:])
loaded = {name for name in sys.modules if name.startswith("autograder.sandbox.")}
contained = {name for name in loaded if not f"{name}.".startswith("autograder.sandbox.runner.")}
assert not contained, contained
sys.exit(code)
"""
SYSTEMS = {"Linux": "import sys\n", "macOS": TAKE_AWAY, "Windows": TAKE_AWAY + WINDOWS}
# A folder of the bundle is edited, so each test has its own copy.
SOLUTION = """
def topk_error(*arguments, **options):
    return 1 / 0
"""


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("released") / "work"
    release(ROOT / "assignments" / "seminar_cnn", out, "en")
    (out / "solution.py").write_text(SOLUTION)
    return out


def run(bundle: Path, system: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", SYSTEMS[system] + CHECK, *arguments],
        cwd=bundle,
        env={**ENV, "PYTHONPATH": str(bundle)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def on_linux(released: Path) -> subprocess.CompletedProcess[str]:
    return run(released, "Linux", "check")


def test_the_check_runs_the_students_code_here(on_linux: subprocess.CompletedProcess[str]) -> None:
    assert on_linux.returncode == 1, on_linux.stderr
    assert "your code stopped with an error:" in on_linux.stdout
    assert "ZeroDivisionError" in on_linux.stdout


@pytest.mark.parametrize("system", ["macOS", "Windows"])
def test_check_says_the_same_everywhere(
    released: Path, on_linux: subprocess.CompletedProcess[str], system: str
) -> None:
    done = run(released, system, "check")
    assert (done.returncode, done.stdout) == (on_linux.returncode, on_linux.stdout), done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("system", ["macOS", "Windows"])
def test_submit_packs_everywhere(released: Path, tmp_path: Path, system: str) -> None:
    shutil.copytree(released, tmp_path / "work")
    linux = run(tmp_path / "work", "Linux", "submit")
    done = run(tmp_path / "work", system, "submit")
    assert (done.returncode, done.stdout) == (linux.returncode, linux.stdout), done.stderr
    assert done.stderr == linux.stderr, "what the student's code raised, and nothing of the command"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing to take away")
def test_the_emulation_takes_things_away() -> None:
    code = (
        SYSTEMS["Windows"]
        + "import os\nassert not hasattr(os, 'fork')\ntry:\n    import fcntl\nexcept ImportError:\n    print('gone')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "gone\n"
