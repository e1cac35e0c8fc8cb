"""`regrade`, `appeal` and `replay`: look at graded submissions once more."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from autograder.commands.options import FolderArg, Language, StudentArg
from autograder.commands.stops import stops_softly

SubmissionsOption = Annotated[
    Path | None, typer.Option("--submissions", help="Where they are now, if they were moved.")
]
KeyOption = Annotated[
    Path | None, typer.Option("--key", help="Course key, where `grade` was given one with --key.")
]
TrustedOption = Annotated[
    bool, typer.Option("--trusted-code", help="Run without protection too: we have read what is run.")
]


def add(app: typer.Typer) -> None:
    """Put the commands on the command line."""
    for command in (regrade, appeal, replay):
        app.command()(command)


@stops_softly
def regrade(
    folder: FolderArg,
    student: Annotated[
        list[str] | None, typer.Option("--student", metavar="STUDENT", help="Only this one; may be repeated.")
    ] = None,
    task: Annotated[
        str | None, typer.Option("--task", metavar="TASK", help="Only this task, of those who handed it in.")
    ] = None,
    submissions: SubmissionsOption = None,
    key: KeyOption = None,
    jobs: Annotated[int | None, typer.Option("--jobs", min=1, help="Submissions at once.")] = None,
    trusted_code: TrustedOption = False,
) -> None:
    """Grade again what is stored, all of it or a part, and show who gains and loses."""
    from autograder.desk.regrading import plan, run
    from autograder.grading.batch import Options
    from autograder.grading.inputs import read_key, resolve_device
    from autograder.progress import Progress, staff_lines
    from autograder.results.report.page import write_report
    from autograder.roster.collected import collected_times
    from autograder.sandbox.host import gpus, tiers
    from autograder.sandbox.host.probe import probe

    wanted, course_key = plan(folder, student or (), task, submissions), read_key(key, folder)
    wanted.require_key(course_key)
    protection = probe()
    tiers.require(protection.tier, None, trusted_code=trusted_code)
    manifest = wanted.assignment.manifest
    resolved = resolve_device(next(iter(wanted.before.values())).device)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    slots = jobs or tiers.default_jobs(cores, counted_apart=protection.counted_apart)
    shares = gpus.shares(resolved.gpus, manifest.limits.memory_mb, slots)
    options = Options(
        key=course_key,
        device=resolved.kind,
        shares=shares,
        jobs=len(shares) or slots,
        times=collected_times(wanted.submissions),
        secrets=(key,) if key is not None else (),
    )
    if task is not None and wanted.task is None:
        _say(f"other tasks than {task} have changed, too: whole submissions are graded again")
    _say("loading torch and Lightning once for all submissions...")
    with Progress(manifest, wanted.store.beside(manifest)) as progress:
        lines = run(wanted, options, progress.show, progress.start)
    for line in lines:
        typer.echo(line)
    typer.echo(f"Report: {write_report(folder)}")
    for line in staff_lines(wanted.store, manifest):
        typer.echo(line)
    for name, failure in progress.failures:
        typer.echo(f"the grader failed on {name}: {failure}", err=True)
    if progress.failures:
        raise typer.Exit(1)


def appeal(
    folder: FolderArg,
    student: StudentArg,
    submissions: SubmissionsOption = None,
    lang: Annotated[
        Language | None, typer.Option("--lang", help="Language of the page; that of the grade if not given.")
    ] = None,
) -> None:
    """One page to defend or change a mark: every decision, every lost point, and the line that changes it."""
    from autograder.desk.appeal import case_of, marked_of, write_appeal
    from autograder.grading.again.code import code_by_task
    from autograder.results.report.page import stored_manifest
    from autograder.results.store import Store

    store, manifest = Store(folder), stored_manifest(folder)
    marked = marked_of(store, manifest, student)
    language = lang.value if lang else marked.grade.lang
    code, note = code_by_task(store, manifest, marked.grade, submissions, language)
    path = write_appeal(store, case_of(store, manifest, marked, code, note), language)
    typer.echo(f"{student}: {marked.score:g} of {marked.grade.max_score:g}, {path}")


def replay(
    folder: FolderArg,
    student: StudentArg,
    test: Annotated[
        str, typer.Argument(metavar="TEST", help="A hidden test's id or name.", show_default=False)
    ],
    submissions: SubmissionsOption = None,
    key: KeyOption = None,
    trusted_code: TrustedOption = False,
    lang: Annotated[
        Language | None, typer.Option("--lang", help="Language of the page; that of the grade if not given.")
    ] = None,
) -> None:
    """For staff: run a hidden test again with the same numbers; inputs, expected, got, and the difference."""
    from autograder.desk.replaying import as_text, test_of, write_page
    from autograder.grading.again.graded import find_graded
    from autograder.grading.inputs import read_key

    graded = find_graded(folder, student, submissions, trusted_code=trusted_code)
    manifest = graded.assignment.manifest
    chosen, course_key = test_of(test, manifest), read_key(key, folder)
    _say("starting...")
    from autograder.grading.again.replay import replay as run_again

    replayed = run_again(graded, course_key, chosen)
    for line in as_text(replayed):
        typer.echo(line)
    path = write_page(folder, manifest, replayed, lang.value if lang else graded.grade.lang)
    typer.echo(f"For staff only: {path}")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
