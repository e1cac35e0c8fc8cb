"""What `grade` prints when it is done, or was stopped: the table, what is beside it, and what has to be mended."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from autograder.commands.sums import others_line, sum_line, without_submission
from autograder.course.manifest import Manifest
from autograder.intake.students import left_aside
from autograder.progress import Progress, left_aside_line, part_line, scores_table, staff_lines
from autograder.results.grade import Grade
from autograder.results.report.page import write_report
from autograder.results.store import Store
from autograder.roster.collected import not_taken, zone_line
from autograder.roster.roster import Roster
from autograder.roster.sides import one_sided_lines, unlisted_lines

FAILED, WRONG_INPUT = 1, 2


def show_outcome(
    store: Store,
    manifest: Manifest,
    submissions: Path,
    grades: Sequence[Grade],
    progress: Progress,
    roster: Roster,
) -> int:
    """Print it; the exit code. roster: that this run was given, none without one.

    Raises: UsageError where what people have said cannot be read, StoreError.
    """
    ran = {one.student for one in grades}
    everybody, beside = store.marked(manifest), store.beside(manifest)
    marked = [one for one in everybody if one.grade.student in ran]
    typer.echo(scores_table(manifest, marked))
    typer.echo(sum_line(marked))
    if line := others_line([one for one in everybody if one.grade.student not in ran], store.out):
        typer.echo(line)
    if line := without_submission(store.grades(), submissions, manifest.name):
        typer.echo(line)
    if line := left_aside_line(left_aside(submissions)):
        typer.echo(line)
    if line := zone_line(submissions, manifest.dates.due):
        typer.echo(line)
    there = [one.student for one in grades if one.status != "missing"]
    for line in one_sided_lines(there, roster.people, not_taken=not_taken(submissions)):
        typer.echo(line)
    for line in unlisted_lines(roster):
        typer.echo(line)
    typer.echo(f"Results: {store.out / 'scores.csv'} and {store.out / 'results'}/<student>.json")
    typer.echo(f"Report:  {write_report(store.out)}")
    for line in staff_lines(store, manifest):
        typer.echo(line)
    if line := part_line(manifest, grades):
        typer.echo(line, err=True)
    # The files were right when the run began; whoever writes in one meanwhile loses no grade by it.
    for problem in beside.problems:
        typer.echo(f"left out until it is mended: {problem}", err=True)
    # One that was set aside is whole again: it is told, and nothing is left to mend before the marks count.
    unreadable = store.unreadable()
    for one in (*store.set_aside, *unreadable):
        typer.echo(str(one), err=True)
    for student, failure in progress.failures:
        typer.echo(f"the grader failed on {student}: {failure}", err=True)
    if progress.failures or unreadable:
        return FAILED
    return WRONG_INPUT if beside.problems else 0


def stopped_line(store: Store, progress: Progress) -> str:
    """What a run says that was stopped: what is kept, and how to go on. Makes the page once more.

    Raises: UsageError where what people have said cannot be read, StoreError.
    """
    if store.grades():
        write_report(store.out)
    damaged = "".join(f"{one}\n" for one in store.set_aside)
    return (
        f"{damaged}autograder: stopped after {progress.done} of {progress.total}; what was finished is kept in "
        f"{store.out}, scores.csv has all of it, and the same command continues"
    )
