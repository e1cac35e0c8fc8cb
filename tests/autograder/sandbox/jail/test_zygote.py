"""The zygote ends with its judge, its workers end with it, and it says in one sentence why it cannot start."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.sandbox.host.connection import SandboxError
from autograder.sandbox.host.stage import Stage
from autograder.sandbox.host.zygote_client import ZygoteClient
from autograder.sandbox.kernel import processes
from autograder.wire.errors import WorkerCrashed
from autograder.wire.reasons import end_of_process
from tests.autograder.sandbox_support import EDITION, LIMITS, ROOT, Lab, Runner, gone, outside

pytest_plugins = ["tests.autograder.sandbox_support"]

DAEMON = """
import os, time
def daemon():
    read, write = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork():
            os._exit(0)
        os.write(write, str(os.getpid()).encode())
        time.sleep(600)
    return int(os.read(read, 20))
"""


def test_it_has_one_thread_and_no_cuda(zygote: ZygoteClient) -> None:
    status = processes.read_status(zygote.pid, "Threads", "NoNewPrivs")
    assert status is not None
    assert status["Threads"] == 1
    if os.geteuid() == 0:
        assert "libcuda.so" not in Path(f"/proc/{zygote.pid}/maps").read_text()


def test_workers_are_alike_and_seeded(lab: Lab) -> None:
    draws = []
    for _ in range(2):
        runner = lab()
        runner.run("import random, numpy, torch")
        draws.append(
            runner.value("[random.random(), float(numpy.random.rand()), float(torch.rand(())), hash('a')]")
        )
    assert draws[0] == draws[1]


def test_a_worker_ends_when_its_judge_is_killed(lab: Lab) -> None:
    overlay = lab.stage.make_overlay({})
    read, write = os.pipe()
    judge = os.fork()
    if judge == 0:
        worker = lab.zygote.spawn(overlay)
        runner = Runner(worker)
        runner.run(DAEMON)
        os.write(write, json.dumps([worker.pid, outside(worker, runner.value("daemon()"))]).encode())
        time.sleep(60)
    pids = json.loads(os.read(read, 100))
    assert not gone(pids[:1], within_s=0.2)
    os.kill(judge, signal.SIGKILL)
    os.waitpid(judge, 0)
    assert gone(pids)
    assert lab().value("1 + 1") == 2


def test_several_judges_share_one_zygote(lab: Lab) -> None:
    judges = []
    for number in range(4):
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                for _ in range(3):
                    overlay = lab.stage.make_overlay({"hw_cnn/scratch.py": f"number = {number}\n".encode()})
                    with lab.zygote.spawn(overlay) as worker:
                        assert Runner(worker).value("__import__('hw_cnn.scratch').scratch.number") == number
                code = 0
            finally:
                os._exit(code)
        judges.append(pid)
    assert [os.waitpid(pid, 0)[1] for pid in judges] == [0, 0, 0, 0]


@pytest.fixture(scope="module")
def small() -> Iterator[tuple[Stage, ZygoteClient]]:
    """A zygote that may be killed: numpy and torch only."""
    with Stage(EDITION) as stage, ZygoteClient(stage, LIMITS, preload=("numpy", "torch")) as made:
        yield stage, made


def test_workers_end_with_a_killed_zygote_and_it_starts_again(small: tuple[Stage, ZygoteClient]) -> None:
    stage, zygote = small
    worker = zygote.spawn(stage.make_overlay({}))
    runner = Runner(worker)
    runner.run(DAEMON)
    pids = [worker.pid, outside(worker, runner.value("daemon()"))]
    os.kill(zygote.pid, signal.SIGKILL)
    assert gone(pids)
    with pytest.raises(SandboxError, match="the zygote has ended"):
        runner.run("x = 1")
    worker.close()
    with zygote.spawn(stage.make_overlay({})) as fresh:
        assert Runner(fresh).value("6 * 7") == 42


def test_a_judge_that_did_not_start_it_says_that_it_has_ended(small: tuple[Stage, ZygoteClient]) -> None:
    stage, zygote = small
    os.kill(zygote.pid, signal.SIGKILL)
    assert gone([zygote.pid])
    time.sleep(0.2)
    judge = os.fork()
    if judge == 0:
        try:
            zygote.spawn(stage.make_overlay({}))
        except SandboxError as error:
            os._exit(0 if "the zygote has ended" in str(error) else 2)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(judge, 0)[1]) == 0
    zygote.start()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Below no closed folder: without mounts, workers of another user must get there."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name).resolve()


def test_everything_ends_with_a_killed_grader(open_folder: Path) -> None:
    code = f"""
import json, sys, time
sys.path.insert(0, {str(ROOT)!r})
from autograder.sandbox.host.zygote_client import ZygoteClient
from autograder.sandbox.host.stage import Stage
from tests.autograder.sandbox_support import EDITION, LIMITS, Runner, outside
from tests.autograder.sandbox.jail.test_zygote import DAEMON
from pathlib import Path
stage = Stage(EDITION, base=Path({str(open_folder)!r}))
zygote = ZygoteClient(stage, LIMITS, preload=("numpy", "torch"))
zygote.start()
worker = zygote.spawn(stage.make_overlay({{}}))
runner = Runner(worker)
runner.run(DAEMON)
print(json.dumps([zygote.pid, worker.pid, outside(worker, runner.value("daemon()"))]), flush=True)
time.sleep(60)
"""
    grader = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=ROOT)
    assert grader.stdout is not None
    pids = json.loads(grader.stdout.readline())
    guardian = processes.read_stat(pids[0])
    assert guardian is not None
    grader.kill()
    grader.wait()
    grader.stdout.close()
    assert gone([*pids, guardian.parent])
    assert list(open_folder.iterdir()) == []  # the stage, submissions included, is gone, too


def test_a_missing_package_is_one_sentence(stage: Stage) -> None:
    with pytest.raises(SandboxError, match=r"^cannot import no_such_package for the workers: .*; install it"):
        ZygoteClient(stage, LIMITS, preload=("numpy", "no_such_package")).start()


def test_a_package_that_starts_threads_is_refused() -> None:
    busy = b"import threading, time\nthreading.Thread(target=time.sleep, args=(60,)).start()\n"
    files = EDITION | {"hw_cnn/busy.py": busy}
    with Stage(files) as stage:
        (stage.site / "busy_package.py").symlink_to(stage.edition / "hw_cnn/busy.py")
        with pytest.raises(SandboxError, match="2 threads run after the imports"):
            ZygoteClient(stage, LIMITS, preload=("busy_package",)).start()


def test_a_worker_that_cannot_be_locked_down_is_no_worker(stage: Stage, zygote: ZygoteClient) -> None:
    overlay = stage.make_overlay({})
    broken = LIMITS.model_copy(update={"memory_mb": -(1 << 50)})  # setrlimit will refuse it
    with pytest.raises(SandboxError, match="cannot be locked down: limits"):
        zygote.spawn(overlay, broken)


def test_nothing_is_left_after_closing(stage: Stage) -> None:
    with ZygoteClient(stage, LIMITS, preload=("numpy", "torch")) as zygote:
        worker = zygote.spawn(stage.make_overlay({}))
        guardian = processes.read_stat(zygote.pid)
    assert guardian is not None
    assert gone([zygote.pid, worker.pid, guardian.parent], within_s=0.1)
    with pytest.raises((WorkerCrashed, SandboxError)):
        worker.request({"op": "echo"}, {}, timeout_s=1.0)
    worker.close()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0, "ended itself with status 0"),
        (7, "ended itself with status 7"),
        (-11, r"signal 11 \(SIGSEGV\)"),
        (-9, "ran out of memory"),
        (-24, "processor time was used up"),
        (-50, "signal 50"),
    ],
)
def test_ends_have_words(code: int, words: str) -> None:
    assert re.search(words, end_of_process(code).said("en"))
