"""One check of the saved work: the public tests on what the grader's own extractor reads of it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from autograder.course.public import PublicManifest, PublicTask
from autograder.intake.task_like import SymbolSource
from autograder.intake.uploads.rejection import Rejected
from autograder.student import words
from autograder.student.github.annotations import Checked, annotation_lines, write_summary
from autograder.student.grader_packages import only_grader_packages
from autograder.student.hints.words import TRY_BY_COMMAND
from autograder.student.packing.outside import only_packed_files
from autograder.student.work import read_work, scratch_folder
from hw_cnn import _memory


def check_saved(
    home: Path, public: PublicManifest, folder: Path, chosen: Sequence[str], *, github: bool = False
) -> int:
    """Check some tasks once and print what came out; the exit code. github: for GitHub Actions, too.

    Raises: UsageError when there is no such folder.
    """
    lang = public.lang
    try:
        work = read_work(folder, public)
    except Rejected as rejection:
        print(rejection.text.get(lang), file=sys.stderr)
        return 1
    submission = work.submission
    for note in submission.notes:
        print(note.get(lang))
    tasks = [public.task(task) for task in chosen]
    sources = {task.id: [source for source in submission.sources if source.task == task.id] for task in tasks}
    missing = {task: [source for source in own if source.kind == "missing"] for task, own in sources.items()}
    unwritten = [task for task, own in missing.items() if own]
    unwritten += [task.id for task in tasks if len(work.answers(task)) < len(task.rows)]
    tested = [task for task in tasks if not task.is_written]
    checked: list[Checked] = []
    with (
        scratch_folder() as scratch,
        only_grader_packages(public, work.files, work.added),
        only_packed_files(scratch, home),
    ):
        if not all(missing[task.id] for task in tested):
            print(words.LOADING.get(lang), file=sys.stderr)
            with _memory.importing():
                from autograder.student.load import load_work
                from autograder.student.public_tests import report, run_tests

                student = load_work(submission, public)  # the work imports Lightning
        for task in tasks:
            if task.is_written:
                bad, total = 0, 0
                lines = words.written_lines(task, work.answers(task), work.notebook, lang)
            elif missing[task.id]:
                bad, total, lines = 0, 0, missing_lines(task, missing[task.id], public)
            else:
                outcomes = run_tests(home, public, task.id, student)
                bad, total = sum(outcome.why is not None for outcome in outcomes), len(outcomes)
                lines = report(task.id, outcomes, used(sources[task.id], public), lang)
                if task.hints and any(o.why is not None and not o.withheld for o in outcomes):
                    lines.append(f"  {TRY_BY_COMMAND.get(lang).format(task=task.id)}")
            print("\n".join(lines), flush=True)
            checked.append(Checked(task, bad, total, "\n".join(lines)))
    good = sum(one.is_good for one in checked)
    last = [words.SUMMARY.get(lang).format(good=good, n=len(tested))] if tested else []
    last += [words.STILL_TO_WRITE.get(lang).format(tasks=", ".join(unwritten))] if unwritten else []
    last += words.open_line(tasks, lang)
    for line in last:
        print(line)
    if github:
        for line in annotation_lines(work, checked, lang):
            print(line)
        write_summary(checked, last, lang)
    return 0 if good == len(tested) and not unwritten else 1


def used(sources: Sequence[SymbolSource], public: PublicManifest) -> str:
    """Where each symbol of a task was taken from."""
    lang = public.lang
    places = [(source.symbol.name, source.place.get(lang)) for source in sources]
    problems = [source.problem.get(lang) for source in sources if source.problem is not None]
    return "; ".join([words.used_line(places, lang), *problems])


def missing_lines(task: PublicTask, missing: Sequence[SymbolSource], public: PublicManifest) -> list[str]:
    """Why a task cannot be checked: not written, or code that does not compile."""
    lines = []
    for source in missing:
        text = (source.problem or source.place).get(public.lang)
        lines.append(text if task.id in text else f"{task.id}: {text}")
    return lines
