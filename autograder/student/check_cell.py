"""`hw_cnn.check("F1")` in a notebook: the live definitions of the kernel under the public tests."""

from __future__ import annotations

import contextlib
import importlib
import linecache
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from autograder.course.public import PublicManifest, PublicTask
from autograder.course.symbol import Symbol, tops
from autograder.intake.submission import CodeFile
from autograder.intake.uploads.rejection import Rejected
from autograder.sandbox.runner.in_process import InProcess
from autograder.student import words
from autograder.student.hints.words import TRY_IN_KERNEL
from autograder.student.home import open_home, work_folder
from autograder.student.kernel.block import block
from autograder.student.kernel.changes import changed_file
from autograder.student.kernel.comparison import Comparison
from autograder.student.kernel.failed import CheckFailed
from autograder.student.kernel.history import executions, kernel_shell, saved_notebook
from autograder.student.kernel.live import filename
from autograder.student.kernel.output import show
from autograder.student.kernel.words import FILE_CHANGED
from autograder.student.public_tests import (
    KERNEL_FOLDER,
    OwnExecutor,
    PublicOutcome,
    make_student,
    report,
    run_tests,
)
from autograder.student.work import read_work
from autograder.text import LANGS, Lang, Text

NOTEBOOK = "__main__"


def check(task_id: str, namespace: Mapping[str, Any] | None = None) -> None:
    """Run the public tests of a task on what the notebook holds (namespace: `__main__` unless given).

    What came out is shown as one block; of a task that a person marks, which answers are saved.

    Raises: CheckFailed, an AssertionError, when something does not pass; UsageError for an unknown task or a wrong
    `hw_cnn`.
    """
    home, public = open_home(Path.cwd())
    task = public.task(task_id)
    if task.is_written:
        _show_written(task, public)
        return
    live = vars(sys.modules[NOTEBOOK]) if namespace is None else namespace
    written = live_symbols(public, live)
    comparison = compared(public, task, live)
    used = used_places(public, task, written, comparison)
    files = cells(kernel_shell())
    names = {name: file.place.get(public.lang) for name, file in files.items() if KERNEL_FOLDER.search(name)}
    transport = InProcess(OwnExecutor(names))
    student = make_student(public, lambda: transport, files=files)
    with installed(public, written):
        outcomes = run_tests(home, public, task.id, student)
    bad = [outcome for outcome in outcomes if outcome.why is not None]
    is_unwritten = bool(bad) and all(outcome.unwritten for outcome in outcomes)
    notes = warnings(public, task, written, comparison)
    if not is_unwritten:
        notes += words.open_line([task], public.lang)
    _show(task.id, [] if is_unwritten else outcomes, used, notes, public.lang)
    if bad:
        raise CheckFailed(_closing(task, bad, public.lang))


def _show_written(task: PublicTask, public: PublicManifest) -> None:
    """Which answers the saved notebook holds: text is in no kernel. Nothing of it can fail."""
    try:
        work = read_work(work_folder(Path.cwd()), public)
    except Rejected as rejection:
        show(rejection.text.get(public.lang))
    else:
        show("\n".join(words.written_lines(task, work.answers(task), work.notebook, public.lang)))


def _show(
    task_id: str, outcomes: Sequence[PublicOutcome], used: str, notes: Sequence[str], lang: Lang
) -> None:
    """The report, and what should be known besides; of what is not written the exception says enough."""
    if outcomes:
        lines = report(task_id, outcomes, used, lang)
        show("\n".join([*lines, *notes]), html=block(lines[0], outcomes, [used, *notes], lang))
    elif notes:
        show("\n".join(notes))


def _closing(task: PublicTask, bad: Sequence[PublicOutcome], lang: Lang) -> str:
    """The last sentence of a check that failed: that of the exception."""
    if all(outcome.unwritten for outcome in bad):
        names = ", ".join(symbol.name for symbol in tops(task.symbols))
        return words.NOTHING_TO_CHECK.get(lang).format(task=task.id, names=names)
    has_hints = bool(task.hints) and not all(outcome.withheld for outcome in bad)
    return (TRY_IN_KERNEL if has_hints else words.ASSERTION).get(lang).format(task=task.id)


def cells(shell: Any | None) -> dict[str, CodeFile]:
    """The cells that a kernel has run, by the file names that it compiled them under; none outside of a kernel."""
    if shell is None:
        return {}
    counts = {run.source.rstrip("\n"): run.count for run in executions(shell)}
    found = {}
    for name in [name for name in linecache.cache if KERNEL_FOLDER.search(name)]:
        text = "".join(linecache.getlines(name)).rstrip("\n")
        if text in counts:
            place = Text(**{lang: words.CELL.get(lang).format(count=counts[text]) for lang in LANGS})
            found[name] = CodeFile.of_text(place, text)
    return found | own_files()


def own_files() -> dict[str, CodeFile]:
    """Modules beside the notebook that are imported, by the names that tracebacks show; the library's are not."""
    here = f"{Path.cwd()}{os.sep}"
    found = {}
    for module in list(sys.modules.values()):
        name = getattr(module, "__file__", None)
        if (
            isinstance(name, str)
            and name.startswith(here)
            and name.endswith(".py")
            and not _of_a_package(name)
        ):
            text = "".join(linecache.getlines(name))
            shown = Path(name).relative_to(here).as_posix()
            found[name] = CodeFile.of_text(Text(ru=shown, en=shown), text)
    return found


def _of_a_package(name: str) -> bool:
    return "site-packages" in name or Path(name).is_relative_to(Path(__file__).parents[1])


def compared(public: PublicManifest, task: PublicTask, live: Mapping[str, Any]) -> Comparison | None:
    """The live names beside what the kernel has run; None outside of a kernel."""
    shell = kernel_shell()
    if shell is None or live is not shell.user_ns:
        return None
    return Comparison(task.id, executions(shell), live, saved_notebook(shell), methods_of(public.tasks))


def methods_of(tasks: Iterable[PublicTask]) -> dict[str, set[str]]:
    """Name of each task symbol -> its methods that are the task; none where all of it is."""
    methods: dict[str, set[str]] = {}
    for task in tasks:
        for symbol in task.symbols:
            methods.setdefault(symbol.name, set()).update([symbol.method] if symbol.method else [])
    return methods


def used_places(
    public: PublicManifest, task: PublicTask, written: Mapping[str, Any], comparison: Comparison | None
) -> str:
    """Where each symbol of the task comes from, in words."""
    lang = public.lang
    places = []
    for symbol in tops(task.symbols):
        where = words.NOTHING_WRITTEN.get(lang)
        if symbol.name in written:
            where = _place(symbol.name, written[symbol.name], comparison, lang)
        elif not is_live_stub(installed_value(symbol), methods_of([task])[symbol.name]):
            where = words.FROM_FILE.get(lang).format(file=symbol.file)
        places.append((symbol.name, where))
    return words.used_line(places, lang)


def _place(name: str, value: object, comparison: Comparison | None, lang: Lang) -> str:
    origin = None if comparison is None else comparison.origin(name)
    if origin is not None:
        return words.CELL.get(lang).format(count=origin.count)
    compiled = filename(value)
    if compiled is not None and Path(compiled).is_file() and not KERNEL_FOLDER.search(compiled):
        return words.FROM_FILE.get(lang).format(file=Path(compiled).name)
    return words.THIS_NOTEBOOK.get(lang)


def installed_value(symbol: Symbol) -> object:
    """What the package holds under the symbol's name."""
    return getattr(importlib.import_module(symbol.module), symbol.name)


def warnings(
    public: PublicManifest, task: PublicTask, written: Mapping[str, Any], comparison: Comparison | None
) -> list[str]:
    """A sentence for each live value that the grader will not find in what is handed in."""
    texts: dict[str, None] = {}
    for symbol in tops(task.symbols):
        if symbol.name not in written:
            file = changed_file(sys.modules[symbol.module], Path.cwd())
            if file is not None:
                text = FILE_CHANGED.get(public.lang)
                texts[text.format(what=symbol.name, other=file)] = None
        elif comparison is not None:
            texts.update((text.get(public.lang), None) for text in comparison.findings(symbol.name))
    return [words.WARNING.get(public.lang).format(text=text) for text in texts]


def live_symbols(public: PublicManifest, live: Mapping[str, Any]) -> dict[str, Any]:
    """Name -> object for every task symbol that the notebook really defines (stubs do not count)."""
    return {
        name: live[name]
        for name, own in methods_of(public.tasks).items()
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
