"""The zygote: workers are alike, end with their judge, and are none where they cannot be locked down."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import pytest

from autograder.sandbox.host.connection import SandboxError
from autograder.sandbox.host.stage import Stage
from autograder.sandbox.host.zygote_client import ZygoteClient
from autograder.sandbox.kernel import processes
from tests.autograder.sandbox.support import DAEMON
from tests.autograder.sandbox_support import EDITION, LIMITS, Lab, Runner, gone, outside

pytest_plugins = ["tests.autograder.sandbox_support"]


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
