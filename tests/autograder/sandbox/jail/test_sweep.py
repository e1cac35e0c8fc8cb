"""What a worker leaves behind is swept before its judge goes on."""

from __future__ import annotations

import re
import signal
from pathlib import Path

from tests.autograder.sandbox.support import FORKS
from tests.autograder.sandbox_support import Lab, outside

pytest_plugins = ["tests.autograder.sandbox_support"]


def test_the_tree_of_a_closed_worker_is_swept_before_close_returns(lab: Lab) -> None:
    runner = lab()
    runner.run(FORKS)
    pids = [outside(runner.worker, pid) for pid in runner.value("forks()", timeout_s=20.0)]
    assert pids
    usage = runner.worker.close()
    assert usage.exit_code == -signal.SIGKILL
    assert all(not Path(f"/proc/{pid}").exists() for pid in pids)
    assert re.fullmatch(r"\d+\.\d+", str(usage.cpu_s))
