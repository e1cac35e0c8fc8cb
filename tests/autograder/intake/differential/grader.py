"""What the grader makes of a notebook or script, and plain Python of a script, each in a process of its own."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from autograder.intake.students import Upload
from autograder.intake.submission import read_tree
from autograder.remote.loading import Clock, load
from autograder.sandbox.runner.executor import Executor
from autograder.sandbox.runner.in_process import InProcess
from tests.autograder.intake.differential.probes import PROBES
from tests.autograder.intake_support import EDITION, manifest


def graded(files: Mapping[str, bytes]) -> dict[str, Any]:
    """Task -> its probes, as `Kernel.run` gives them."""
    return _in_a_child(lambda: _probes(files))


def run_script(files: Mapping[str, bytes]) -> dict[str, Any]:
    """Task -> its probes after `python solution.py` beside the other files; {} where that ends with an exception."""
    return _in_a_child(lambda: _run_script(files))


def _in_a_child(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.close(read)
            with os.fdopen(write, "w") as stream:
                json.dump(work(), stream)
            code = 0
        finally:
            os._exit(code)
    os.close(write)
    with os.fdopen(read) as stream:
        text = stream.read()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    answers: dict[str, Any] = json.loads(text)
    return answers


def _run_script(files: Mapping[str, bytes]) -> dict[str, Any]:
    space: dict[str, Any] = {}
    exec(PROBES, space)
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items():
            path = Path(folder, name)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
        os.chdir(folder)
        sys.path.insert(0, folder)
        module = types.ModuleType("solution")
        try:
            exec(compile(files["solution.py"], "solution.py", "exec", dont_inherit=True), vars(module))
        except Exception:
            return {}
        finally:
            os.chdir("/")
        return {task: space["probe"](task, vars(module)) for task in space["NAMES"]}


def _probes(files: Mapping[str, bytes]) -> dict[str, Any]:
    space: dict[str, Any] = {}
    exec(PROBES, space)
    submission = read_tree(Upload("s", Path("s")), files, manifest(), EDITION)
    seen: dict[str, Any] = {}
    environment = dict(os.environ)
    for tasks, plan in submission.load_plans():
        os.environ.clear()  # each plan has a process of its own in the grader
        os.environ.update(environment)
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            sys.path.insert(0, folder)  # stands for the overlay: own files come after it
            modules = {name: types.ModuleType(name) for name in ("hw_cnn.one", "hw_cnn.two")}
            sys.modules.update(modules)
            for other in [n for n, m in sys.modules.items() if "/files/" in str(getattr(m, "__file__", ""))]:
                del sys.modules[other]
            load(lambda: InProcess(Executor()), plan, Clock(5.0))
            bound = {name: value for module in modules.values() for name, value in vars(module).items()}
            seen |= {task: space["probe"](task, bound) for task in tasks}
            os.chdir("/")
    return seen
