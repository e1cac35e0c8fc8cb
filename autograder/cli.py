"""The command `autograder`. Nothing heavy is imported before a command is known."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from autograder.commands import again, collect, decisions, doctor, export, similarity, status
from autograder.commands.options import (
    AnonymousOption,
    AssignmentArg,
    CoursesOption,
    FolderArg,
    LangOption,
    Language,
    RequiredRosterOption,
    RosterOption,
    StudentArg,
    TierOption,
)
from autograder.commands.platforms import gradescope, nbgrader
from autograder.commands.stops import stops_softly
from autograder.errors import GraderError, StoreError, UsageError
from autograder.results.store import Store

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
collect.add(app)
status.add(app)
decisions.add(app)
again.add(app)
export.add(app)
similarity.add(app)
nbgrader.add(app)
gradescope.add(app)


def _show_version(wanted: bool) -> None:
    if wanted:
        import importlib.metadata

        typer.echo(f"autograder {importlib.metadata.version('hw-cnn')}")
        raise typer.Exit


@app.callback()
def _every_command(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version and exit.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """Release homework, grade what comes back in sandboxed workers, and test the tests themselves."""


class Device(StrEnum):
    auto = "auto"
    cpu = "cpu"
    cuda = "cuda"


TasksOption = Annotated[
    str | None,
    typer.Option(
        "--tasks",
        metavar="A1,B2|PRESET",
        help="A part of the assignment: ids of tasks, or one of its presets.",
    ),
]


@app.command()
def release(
    assignment: AssignmentArg,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="New folder for the student bundle, or a file *.zip.")
    ],
    lang: LangOption = Language.ru,
    tasks: TasksOption = None,
    courses: CoursesOption = None,
) -> None:
    """Make the student bundle: library with emptied tasks, notebook, public tests."""
    from autograder.course.assignment import find_assignment
    from autograder.release.bundle import release_assignment

    made = find_assignment(assignment, courses, tasks)
    _say("building the notebook with nbgrader...")
    for line in release_assignment(made, out, lang.value):
        typer.echo(line)


@app.command()
@stops_softly
def grade(
    assignment: AssignmentArg,
    submissions: Annotated[
        Path, typer.Argument(metavar="SUBMISSIONS", help="A folder or zip for each student.")
    ],
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Where results go; a rerun continues there.")
    ],
    key: Annotated[
        Path | None, typer.Option("--key", help="Course key; made below --out if not given.")
    ] = None,
    roster: RosterOption = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs", min=1, help="Submissions at once; one per core where `doctor` says so, else 1."
        ),
    ] = None,
    device: Annotated[Device, typer.Option("--device", help="Where student code computes.")] = Device.auto,
    require_tier: TierOption = None,
    trusted_code: Annotated[
        bool,
        typer.Option(
            "--trusted-code", help="Grade without protection too: every submission was written or read by us."
        ),
    ] = False,
    regrade: Annotated[
        bool, typer.Option("--regrade", help="Grade unchanged submissions again too.")
    ] = False,
    anonymous: AnonymousOption = None,
    lang: LangOption = Language.ru,
    tasks: TasksOption = None,
    courses: CoursesOption = None,
) -> None:
    """Grade every submission; exit 0 when each has a verdict, 1 when the grader itself failed somewhere.

    Ctrl-C stops it with exit code 130 and keeps what is finished; the same command continues.
    """
    from dataclasses import replace

    from autograder.commands.outcome import show_outcome, stopped_line
    from autograder.course.assignment import find_assignment
    from autograder.grading import stopping
    from autograder.grading.batch import Options, grade
    from autograder.grading.inputs import check_marks, read_key, resolve_device
    from autograder.intake.students import find_submissions
    from autograder.progress import Progress
    from autograder.results.report.marking import choose_names
    from autograder.roster.collected import collected_times
    from autograder.roster.reading import read_rosters
    from autograder.sandbox.host import gpus, tiers
    from autograder.sandbox.host.probe import probe

    chosen = find_assignment(assignment, courses, tasks)
    find_submissions(submissions, chosen.name)  # a wrong folder is told before anything is made
    protection = probe()
    stopping.check()  # Ctrl-C ends a probe, too, which then has found no protection
    tiers.require(protection.tier, require_tier, trusted_code=trusted_code)
    store = Store(out)
    known, times = read_rosters(roster or ()), collected_times(submissions)
    people = known.people
    resolved = resolve_device(device.value)
    if resolved.said:
        _say(resolved.said)
    slots = jobs or tiers.default_jobs(_num_cores(), counted_apart=protection.counted_apart)
    shares = gpus.shares(resolved.gpus, chosen.manifest.limits.memory_mb, slots)
    store.prepare(chosen.name, chosen.manifest.chosen)
    beside = check_marks(chosen, submissions, store, people)
    if roster:
        store.save_people(people)
        beside = replace(beside, people=people)
    options = Options(
        key=read_key(key, out),
        lang=lang.value,
        device=resolved.kind,
        shares=shares,
        jobs=len(shares) or slots,
        regrade=regrade,
        roster=tuple(people),
        times=times,
        secrets=tuple(path for path in (key, *(roster or ())) if path is not None),
    )
    if anonymous is not None:
        choose_names(out, anonymous=anonymous)
    if jobs is None and not protection.counted_apart:
        _say(
            "one submission at a time: here the processes of one would count against its neighbours; "
            "`autograder doctor` says how to mend that, --jobs overrides it"
        )
    _say("loading torch and Lightning once for all submissions...")
    try:
        with Progress(chosen.manifest, beside) as progress:
            grades = grade(chosen, submissions, store, options, progress.show, progress.start)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(stopped_line(store, progress)) from None
    if code := show_outcome(store, chosen.manifest, submissions, grades, progress, known):
        raise typer.Exit(code)


@app.command()
def validate(
    assignment: Annotated[
        str | None, typer.Argument(metavar="[ASSIGNMENT]", help="One assignment; all of them if not given.")
    ] = None,
    quick: Annotated[
        bool,
        typer.Option(
            "--quick", help="2 salts instead of 20; bugs get one, through the tasks they can reach."
        ),
    ] = False,
    public: Annotated[
        bool, typer.Option("--public", help="The public tests alone: nothing is graded, a minute or two.")
    ] = False,
    store_open: Annotated[
        bool, typer.Option("--store-open", help="Write into the assignment which hidden tests are open.")
    ] = False,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Where the matrices and the prices go.")
    ] = Path("validation"),
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, help="Submissions at once; one per core.")
    ] = None,
    tasks: TasksOption = None,
    courses: CoursesOption = None,
) -> None:
    """Test the tests: the reference gets everything, the stub nothing, every planted bug is caught."""
    from autograder.commands.stages import Stages
    from autograder.course.assignment import find_assignment, list_assignments
    from autograder.validation.run import validate as run_validation
    from autograder.validation.run import validate_public

    if public and store_open:
        raise typer.BadParameter("--store-open needs the hidden tests; leave out --public")
    if tasks is not None and (assignment is None or store_open):
        raise typer.BadParameter("--tasks needs an ASSIGNMENT, and --store-open all of its tasks")
    names = [assignment] if assignment is not None else list_assignments(courses)
    problems, stages = 0, Stages()
    for name in names:
        chosen = find_assignment(name, courses, tasks)
        target, at_once = out / chosen.name, jobs or _num_cores()
        if public:
            problems += validate_public(chosen, target, jobs=at_once, say=stages.say, tell=stages.tell)
        else:
            problems += run_validation(
                chosen,
                target,
                quick=quick,
                jobs=at_once,
                say=stages.say,
                store_open=store_open,
                tell=stages.tell,
            )
    if problems:
        raise typer.Exit(1)


@app.command()
def new(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The new folder: a-z, 0-9, _.", show_default=False)
    ],
    courses: CoursesOption = None,
) -> None:
    """Make an assignment of your own: a small one that validates, to be changed step by step."""
    from autograder.skeleton.new import new_assignment, next_steps

    folder = new_assignment(name, courses or Path("assignments"))
    for line in next_steps(folder, courses):
        typer.echo(line)


@app.command()
def quiz(
    assignment: AssignmentArg,
    roster: RequiredRosterOption,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where sheets, key and marks go.")],
    key: Annotated[
        Path | None, typer.Option("--key", help="Course key; made below --out if not given.")
    ] = None,
    answers: Annotated[
        Path | None, typer.Option("--answers", metavar="CSV", help="What students wrote: makes marks.csv.")
    ] = None,
    lang: LangOption = Language.ru,
    courses: CoursesOption = None,
) -> None:
    """Print a ten-minute quiz: the same questions for everybody, with numbers of their own."""
    from autograder.course.assignment import find_assignment
    from autograder.grading.inputs import read_key
    from autograder.quiz.command import check_key_is_given, make_quiz, mark_quiz
    from autograder.roster.reading import read_rosters
    from autograder.roster.sides import unlisted_lines

    manifest = find_assignment(assignment, courses).manifest
    known = read_rosters(roster)
    students = tuple(known.people)
    check_key_is_given(key, out)
    course_key = read_key(key, out)
    if answers is None:
        lines = make_quiz(manifest, students, course_key, out, lang.value)
    else:
        lines = mark_quiz(manifest, students, course_key, out, answers)
    for line in [*lines, *unlisted_lines(known)]:
        typer.echo(line)


@app.command()
def viva(
    folder: FolderArg,
    student: StudentArg,
    submissions: Annotated[
        Path | None, typer.Option("--submissions", help="Where they are now, if they were moved.")
    ] = None,
    trusted_code: Annotated[
        bool, typer.Option("--trusted-code", help="Run without protection too: we have read this submission.")
    ] = False,
    lang: Annotated[
        Language | None, typer.Option("--lang", help="Language of the page; that of the grade if not given.")
    ] = None,
) -> None:
    """Three questions on a student's own code, answered by running it: a page to print."""
    from autograder.grading.again.graded import find_graded

    graded = find_graded(folder, student, submissions, trusted_code=trusted_code)
    _say("starting...")
    from autograder.viva.command import make_viva

    for line in make_viva(graded, lang.value if lang else None, _say):
        typer.echo(line)


@app.command()
def report(folder: FolderArg, anonymous: AnonymousOption = None) -> None:
    """Make the pages and scores.csv again from stored results and what people wrote beside them."""
    from autograder.progress import staff_lines
    from autograder.results.report.marking import choose_names
    from autograder.results.report.page import stored_manifest, write_report

    manifest, store = stored_manifest(folder), Store(folder)
    store.beside(manifest).require()
    if anonymous is not None:
        choose_names(folder, anonymous=anonymous)
    path = write_report(folder)
    store.save_scores(manifest)
    typer.echo(f"Report: {path}")
    for line in staff_lines(store, manifest):
        typer.echo(line)
    if unreadable := store.unreadable():
        raise StoreError("; ".join(map(str, unreadable)))


@app.command()
def restore(
    folder: FolderArg,
    student: StudentArg,
    task: Annotated[str, typer.Argument(metavar="TASK", help="The task's id.", show_default=False)],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides.", show_default=False)],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.", show_default=False)],
) -> None:
    """Give back points that were withheld for a forbidden call; it outlives a regrade."""
    from autograder.grading.withheld import restore as give_back
    from autograder.results.report.page import stored_manifest, write_report

    manifest = stored_manifest(folder)
    known = manifest.task(task)
    grade = give_back(Store(folder), manifest, student, known, by, reason)
    score = next(result.score for result in grade.tasks if result.id == known.id)
    typer.echo(f"{student}: {known.id} {score:g} of {known.points:g}, {grade.score:g} in all")
    typer.echo(f"Report: {write_report(folder)}")


doctor.add(app)


def _num_cores() -> int:
    """Cores that this process may use; macOS does not tell, and has no such limit."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main(argv: list[str] | None = None) -> None:
    """Console script `autograder`: exit 0 done, 1 the grader failed, 2 wrong usage or input."""
    try:
        app(args=argv, standalone_mode=True)
    except UsageError as error:
        _say(f"autograder: {error}")
        sys.exit(2)
    except GraderError as error:
        _say(f"autograder: {error}")
        sys.exit(1)
    except KeyboardInterrupt:
        _say("autograder: stopped; finished results are kept, the same command continues")
        sys.exit(130)
