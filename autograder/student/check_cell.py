"""`hw_cnn.check("F1")` in a notebook: the live definitions of the kernel under the public tests."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from autograder.course.public import PublicManifest, PublicTask
from autograder.course.symbol import tops
from autograder.sandbox.runner.in_process import InProcess
from autograder.student import words
from autograder.student.home import open_home
from autograder.student.public_tests import OwnExecutor, make_student, report, run_tests

NOTEBOOK = "__main__"


def check(
    task_id: str, namespace: Mapping[str, Any] | None = None, say: Callable[[str], None] = print
) -> None:
    """Run the public tests of a task on what the notebook holds (namespace: `__main__` unless given).

    Raises: AssertionError when something does not pass; UsageError for an unknown task or a wrong `hw_cnn`.
    """
    home, public = open_home(Path.cwd())
    task = public.task(task_id)
    live = vars(sys.modules[NOTEBOOK]) if namespace is None else namespace
    written = live_symbols(public, live)
    used = used_places(public, task, written)
    transport = InProcess(OwnExecutor())
    with installed(public, written):
        outcomes = run_tests(home, public, task_id, make_student(public, lambda: transport))
    for line in report(task_id, outcomes, used, public.lang):
        say(line)
    bad = [outcome for outcome in outcomes if outcome.why is not None]
    if bad:
        unwritten = all(outcome.unwritten for outcome in bad)
        text = words.NOT_WRITTEN if unwritten else words.ASSERTION
        raise AssertionError(text.get(public.lang).format(task=task_id))


def used_places(public: PublicManifest, task: PublicTask, written: Mapping[str, Any]) -> str:
    """Where each symbol of the task comes from, in words."""
    lines = []
    for symbol in tops(task.symbols):
        where = words.THIS_NOTEBOOK.get(public.lang)
        if symbol.name not in written:
            where = words.FROM_FILE.get(public.lang).format(file=symbol.file)
        lines.append(words.USED.get(public.lang).format(name=symbol.name, where=where))
    return "; ".join(lines)


def live_symbols(public: PublicManifest, live: Mapping[str, Any]) -> dict[str, Any]:
    """Name -> object for every task symbol that the notebook really defines (stubs do not count)."""
    methods: dict[str, set[str]] = {}
    for task in public.tasks:
        for symbol in task.symbols:
            methods.setdefault(symbol.name, set()).update([symbol.method] if symbol.method else [])
    return {
        name: live[name]
        for name, own in methods.items()
        if name in live and not is_live_stub(live[name], own)
    }


def is_live_stub(value: object, methods: set[str]) -> bool:
    """Whether a function, or all of the methods that are the task, only raise NotImplementedError."""
    if isinstance(value, FunctionType):
        code = value.__code__
        return code.co_names == (NotImplementedError.__name__,) and not code.co_freevars
    if isinstance(value, type):
        own = [
            item
            for name, item in vars(value).items()
            if isinstance(item, FunctionType) and (not methods or name in methods)
        ]
        inherited = [getattr(value, name, None) for name in methods if name not in vars(value)]
        return bool(own or inherited) and all(is_live_stub(item, set()) for item in (*own, *inherited))
    return False


@contextlib.contextmanager
def installed(public: PublicManifest, written: Mapping[str, Any]) -> Iterator[None]:
    """Set the notebook's definitions on the modules that define them; restore afterwards."""
    before: list[tuple[ModuleType, str, object]] = []
    try:
        for symbol in public.tops:
            if symbol.name in written:
                module = importlib.import_module(symbol.module)
                before.append((module, symbol.name, getattr(module, symbol.name)))
                setattr(module, symbol.name, written[symbol.name])
        yield
    finally:
        for owner, name, value in reversed(before):
            setattr(owner, name, value)
