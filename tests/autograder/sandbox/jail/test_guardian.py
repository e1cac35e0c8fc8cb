"""Nothing outlives a grader that is killed: no process, and no file of a submission."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.sandbox.kernel import processes
from tests.autograder.sandbox_support import ROOT, gone

pytest_plugins = ["tests.autograder.sandbox_support"]


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
from tests.autograder.sandbox.support import DAEMON
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
