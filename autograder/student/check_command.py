"""`hw-cnn check [DIR]`: the public tests on the saved work, read by the grader's own extractor."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from autograder.course.public import PublicManifest, PublicTask
from autograder.errors import UsageError
from autograder.intake.task_like import SymbolSource
from autograder.intake.uploads.rejection import Rejected
from autograder.student import words
from autograder.student.home import open_home
from autograder.student.work import read_work
from hw_cnn import _memory


def parse_folder(argv: Sequence[str], command: str) -> Path | None:
    """The folder that was asked for. None: help was asked for. Raises: UsageError for anything else."""
    if list(argv) in (["-h"], ["--help"]):
        return None
    if len(argv) > 1 or any(argument.startswith("-") for argument in argv):
        usage = words.USAGE
        raise UsageError(f"{usage.ru.format(command=command)} / {usage.en.format(command=command)}")
    return Path(argv[0]) if argv else Path()


def check_command(argv: Sequence[str]) -> int:
    """Exit code 0: everything passes; 1: something fails or is not written; 2: wrong usage."""
    try:
        folder = parse_folder(argv, "check")
        if folder is None:
            print(words.USAGE.ru.format(command="check"), words.USAGE.en.format(command="check"), sep="\n")
            return 0
        home, public = open_home(folder)
        return _check(home, public, folder)
    except Rejected as rejection:
        print(rejection.text.get(public.lang), file=sys.stderr)
        return 1
    except UsageError as error:
        print(error, file=sys.stderr)
        return 2


def _check(home: Path, public: PublicManifest, folder: Path) -> int:
    lang = public.lang
    submission = read_work(folder, public).submission
    for note in submission.notes:
        print(note.get(lang))
    sources = {
        task.id: [source for source in submission.sources if source.task == task.id] for task in public.tasks
    }
    missing = {task: [source for source in own if source.kind == "missing"] for task, own in sources.items()}
    unwritten = [task for task, own in missing.items() if own]
    if len(unwritten) < len(public.tasks):
        print(words.LOADING.get(lang), file=sys.stderr)
        with _memory.importing():
            from autograder.student.load import load_work
            from autograder.student.public_tests import report, run_tests

            student = load_work(submission, public)  # the work imports Lightning
    good = 0
    for task in public.tasks:
        if missing[task.id]:
            print("\n".join(missing_lines(task, missing[task.id], public)))
            continue
        outcomes = run_tests(home, public, task.id, student)
        print("\n".join(report(task.id, outcomes, used(sources[task.id], public), lang)))
        good += all(outcome.why is None for outcome in outcomes)
    print(words.SUMMARY.get(lang).format(good=good, n=len(public.tasks)))
    if unwritten:
        print(words.STILL_TO_WRITE.get(lang).format(tasks=", ".join(unwritten)))
    return 0 if good == len(public.tasks) else 1


def used(sources: Sequence[SymbolSource], public: PublicManifest) -> str:
    """Where each symbol of a task was taken from."""
    text = words.USED.get(public.lang)
    lines = []
    for source in sources:
        lines.append(text.format(name=source.symbol.name, where=source.place.get(public.lang)))
        if source.problem is not None:
            lines.append(source.problem.get(public.lang))
    return "; ".join(lines)


def missing_lines(task: PublicTask, missing: Sequence[SymbolSource], public: PublicManifest) -> list[str]:
    """Why a task cannot be checked: not written, or code that does not compile."""
    lines = []
    for source in missing:
        text = (source.problem or source.place).get(public.lang)
        lines.append(text if task.id in text else f"{task.id}: {text}")
    return lines
