"""The judge's side of the zygote: it is shared, started again, and says in one sentence why it cannot start."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import pytest

from autograder.sandbox.host.connection import SandboxError
from autograder.sandbox.host.stage import Stage
from autograder.sandbox.host.zygote_client import ZygoteClient
from autograder.sandbox.kernel import processes
from autograder.wire.errors import WorkerCrashed
from tests.autograder.sandbox.support import DAEMON
from tests.autograder.sandbox_support import EDITION, LIMITS, Lab, Runner, gone, outside

pytest_plugins = ["tests.autograder.sandbox_support"]


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


def test_a_missing_package_is_one_sentence(stage: Stage) -> None:
    with pytest.raises(SandboxError, match=r"^cannot import no_such_package for the workers: .*; install it"):
        ZygoteClient(stage, LIMITS, preload=("numpy", "no_such_package")).start()


def test_nothing_is_left_after_closing(stage: Stage) -> None:
    with ZygoteClient(stage, LIMITS, preload=("numpy", "torch")) as zygote:
        worker = zygote.spawn(stage.make_overlay({}))
        guardian = processes.read_stat(zygote.pid)
    assert guardian is not None
    assert gone([zygote.pid, worker.pid, guardian.parent], within_s=0.1)
    with pytest.raises((WorkerCrashed, SandboxError)):
        worker.request({"op": "echo"}, {}, timeout_s=1.0)
    worker.close()
