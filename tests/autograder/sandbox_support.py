"""A stage with a tiny edition, one zygote for the whole test session, and code to run in its workers.

Use it by `pytest_plugins = ["tests.autograder.sandbox_support"]`: then the session fixtures are shared by all modules.
Test modules import from here before pytest loads it as a plugin, hence PYTEST_DONT_REWRITE.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from autograder.course.manifest import Limits
from autograder.sandbox.host.leased_worker import Worker
from autograder.sandbox.host.stage import Stage
from autograder.sandbox.host.zygote_client import ZygoteClient
from autograder.sandbox.kernel import processes
from autograder.wire.values import decode_tree
from tests.machines import ROOT

IS_ROOT = os.geteuid() == 0
LIMITS = Limits(memory_mb=300, processes=50, load_s=3.0, call_s=2.0, test_s=20.0, submission_s=120.0)
EDITION: dict[str, bytes] = {
    "hw_cnn/__init__.py": b"",
    "hw_cnn/scratch.py": b"WHERE = 'edition'\n",
    "hw_cnn/layers/__init__.py": b"",
    "hw_cnn/layers/double.py": b"def double(x):\n    raise NotImplementedError('task F1')\n",
    "hw_cnn/layers/other.py": b"from hw_cnn.layers import double as d\ndef four(x): return d.double(d.double(x))\n",
}
NOBODY = 0x6E000000 + os.getpid() % (1 << 20)
"""A user of these tests alone: a limit on processes counts all that its user has, whoever started them."""


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    with Stage(EDITION) as made:
        yield made


@pytest.fixture(scope="session")
def zygote(stage: Stage) -> Iterator[ZygoteClient]:
    os.environ["COURSE_KEY"] = "only the judge knows"  # workers must not have it
    with ZygoteClient(stage, LIMITS) as made:
        yield made
    del os.environ["COURSE_KEY"]


@dataclass
class Runner:
    """Runs code in one worker; `value("expression")` gives its value. `value` defines a function and calls it."""

    worker: Worker

    def run(self, source: str, timeout_s: float = 5.0) -> dict[str, Any]:
        message = {
            "op": "exec",
            "namespace": "notebook",
            "source": textwrap.dedent(source),
            "filename": "<cell F1>",
            "first_line": 1,
        }
        return self.worker.request(message, {}, timeout_s=timeout_s)[0]

    def value(self, expression: str, timeout_s: float = 5.0, cpu_s: float | None = None) -> Any:
        reply = self.run(f"def _value():\n    return {expression}\n")
        assert reply["ok"], reply
        bind = {"op": "bind", "namespace": "notebook", "name": "_value", "module": "hw_cnn.scratch"}
        assert self.worker.request(bind, {}, timeout_s=timeout_s)[0]["ok"]
        call = {"op": "call", "target": "hw_cnn.scratch:_value", "args": [], "kwargs": {}}
        reply, _ = self.worker.request(call, {}, timeout_s=timeout_s, cpu_s=cpu_s)
        if not reply["ok"]:
            raise AssertionError(reply["error"]["text"])
        return decode_tree(reply["values"]["out"], lambda tag, rest: [tag, *rest])


@dataclass
class Lab:
    """Makes runners, each with its own overlay, and ends them."""

    stage: Stage
    zygote: ZygoteClient
    made: list[tuple[Worker, Path]]

    def __call__(self, package: Mapping[str, bytes] | None = None, **limits: Any) -> Runner:
        overlay = self.stage.make_overlay(package or {})
        worker = self.zygote.spawn(overlay, LIMITS.model_copy(update=limits))
        self.made.append((worker, overlay))
        return Runner(worker)

    def close(self) -> None:
        for worker, overlay in self.made:
            worker.close()
            self.stage.remove_overlay(overlay)


@pytest.fixture
def lab(stage: Stage, zygote: ZygoteClient) -> Iterator[Lab]:
    made = Lab(stage, zygote, [])
    yield made
    made.close()


def outside(worker: Worker, pid: int) -> int:
    """The number here of a process that a worker knows as `pid`: in a pid namespace of its own it has another."""
    for candidate in (worker.pid, *processes.descendants(worker.pid)):
        text = Path(f"/proc/{candidate}/status").read_text()
        numbers = next(line.split()[1:] for line in text.splitlines() if line.startswith("NSpid:"))
        if len(numbers) > 1 and int(numbers[-1]) == pid:
            return candidate
    return pid


def gone(pids: list[int], within_s: float = 3.0) -> bool:
    """Whether all processes end (zombies count as ended) within some seconds."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        states = [processes.read_stat(pid) for pid in pids]
        if all(stat is None or stat.state == "Z" for stat in states):
            return True
        time.sleep(0.01)
    return False


def run_as_nobody(code: str, timeout_s: float = 120.0) -> str:
    """Run `code` in another interpreter as an ordinary user, reachable by mounts if it must be; gives its output."""
    if not IS_ROOT:
        pytest.skip("already an ordinary user: the other tests are this variant")
    launcher = f"""
        import os, sys
        from tests.machines import reach_the_interpreter
        if not reach_the_interpreter():
            sys.exit(77)
        os.setgroups([]); os.setresgid({NOBODY}, {NOBODY}, {NOBODY}); os.setresuid({NOBODY}, {NOBODY}, {NOBODY})
        os.environ["HOME"] = "/nonexistent"
        os.execv(sys.executable, [sys.executable, "-B", "-c", {textwrap.dedent(code)!r}])
    """
    done = subprocess.run(
        [sys.executable, "-B", "-c", textwrap.dedent(launcher)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
    )
    if done.returncode == 77:
        pytest.skip("an ordinary user cannot read this Python environment, and mounts are not allowed")
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


Scenario = Callable[[Lab], None]


def check_scenarios(scenarios: Mapping[str, Scenario]) -> dict[str, str]:
    """Run scenarios with a zygote of its own (numpy and torch only): name -> "ok" or what failed."""
    verdicts = {}
    with Stage(EDITION) as stage, ZygoteClient(stage, LIMITS, preload=("numpy", "torch")) as zygote:
        for name, scenario in scenarios.items():
            lab = Lab(stage, zygote, [])
            try:
                scenario(lab)
                verdicts[name] = "ok"
            except Exception as error:
                verdicts[name] = f"{type(error).__name__}: {error}"
            finally:
                lab.close()
    return verdicts


def print_verdicts(scenarios: Mapping[str, Scenario]) -> None:
    print(json.dumps(check_scenarios(scenarios)))


__all__ = ["EDITION", "IS_ROOT", "LIMITS", "ROOT", "Lab", "Runner", "gone", "run_as_nobody"]
