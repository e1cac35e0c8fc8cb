"""What a long `grade` shows: a progress bar on a terminal, plain lines elsewhere, one table at the end."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress
from rich.table import Table
from rich.text import Text

from autograder.course.manifest import Manifest
from autograder.results.beside import NOTHING_BESIDE, Beside
from autograder.results.by_hand.agreement import agreement_lines
from autograder.results.by_hand.codes import Codes, read_codes
from autograder.results.by_hand.doubts import tests_to_doubt
from autograder.results.by_hand.no_effect import without_effect
from autograder.results.finished import Finished
from autograder.results.grade import Grade
from autograder.results.marked import NO_POINTS, UNREAD, Marked, outdated_rows, with_beside
from autograder.results.report.marking import PAGE
from autograder.results.store import Store
from autograder.text import counted_english
from autograder.wire.safe_text import clean_line

NAME_WIDTH = 40
MIN_WIDTH, ANY_WIDTH = 100, 10_000
MOST_NAMES = 10
MOST_OF_REASON = 90
MIN_STATUS = 8


class Progress:
    """Shows each finished submission on stderr. No thread: the process that shows it also forks."""

    """beside: what people have said until now, so that each line tells what counts."""

    def __init__(self, manifest: Manifest, beside: Beside = NOTHING_BESIDE) -> None:
        self.failures: list[tuple[str, str]] = []
        self._manifest, self._beside = manifest, beside
        self._bar: RichProgress | None = None
        self.done = self.total = 0

    def start(self, total: int) -> None:
        """Say how many submissions there are."""
        self.total = total
        if sys.stderr.isatty():
            columns = (
                TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
            )  # fmt: skip
            self._bar = RichProgress(
                *columns, console=Console(stderr=True), auto_refresh=False, transient=True
            )
            self._bar.add_task("grading", total=total)
            self._bar.start()

    def show(self, finished: Finished) -> None:
        """Report one submission."""
        grade = finished.grade
        self.done += 1
        if finished.failure:
            self.failures.append((clean_line(grade.student), clean_line(finished.failure)))
        if self._bar is not None:
            self._bar.advance(self._bar.task_ids[0])
            self._bar.refresh()
            return
        kept = " (unchanged)" if finished.kept else ""
        one = with_beside(self._manifest, grade, self._beside)
        points = f"{one.before:g} of {grade.max_score:g}"
        if one.earned != one.before and grade.status not in UNREAD:
            points += f" before lateness, {one.earned:g} after it"
        if one.score != one.earned:
            points += f", {one.score:g} was published and counts"
        why = f" ({reason})" if (reason := _rejected_why(grade)) else ""
        line = f"{clean_line(grade.student)}: {points}, {one.status}{why}, {grade.seconds:.1f} s{kept}"
        print(line, file=sys.stderr, flush=True)

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()


def scores_table(manifest: Manifest, grades: Sequence[Marked], width: int | None = None) -> str:
    """Student, points per task, total, status, seconds: one row each, as text, with the marks that people gave.

    Where lateness takes points of somebody, a column before the total says how many percent.

    width: in characters; that of the terminal if not given, and whatever is needed in a file. Where it is too little
    the tasks are left out, and it says where they are.
    """
    if width is None:
        width = max(MIN_WIDTH, _terminal_width()) if sys.stdout.isatty() else ANY_WIDTH
    stream = io.StringIO()
    console = Console(file=stream, width=width, force_terminal=sys.stdout.isatty())
    table = _table(manifest, grades, with_tasks=True)
    # A reason takes as many lines as it needs; it drives no points away.
    bare = _table(manifest, grades, with_tasks=True, with_reasons=False)
    is_wide = Console(width=ANY_WIDTH).measure(bare).maximum > width
    console.print(_table(manifest, grades, with_tasks=False) if is_wide else table)
    if is_wide:
        console.print("points of each task: scores.csv, the report, or a wider window")
    return stream.getvalue().rstrip()


def _table(
    manifest: Manifest, grades: Sequence[Marked], *, with_tasks: bool, with_reasons: bool = True
) -> Table:
    tasks = manifest.tasks if with_tasks else ()
    table = Table(
        title=f"{manifest.name} ({manifest.version}), of {manifest.max_score:g} points",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    table.add_column("student", no_wrap=True, max_width=NAME_WIDTH)
    for task in tasks:
        table.add_column(f"{task.id}\n/{task.points:g}", justify="right", no_wrap=True)
    is_late = any(map(_taken, grades))
    if is_late:
        table.add_column("late", justify="right", no_wrap=True)
    table.add_column("total", justify="right", style="bold", no_wrap=True)
    table.add_column("status", overflow="fold", min_width=MIN_STATUS)
    table.add_column("s", justify="right", no_wrap=True)
    for marked in grades:
        grade = marked.grade
        mark = " (staff)" if marked.needs_staff else ""
        why = f": {reason}" if with_reasons and (reason := _rejected_why(grade)) else ""
        table.add_row(
            _literal(grade.student),
            *(_points(marked, task.id) for task in tasks),
            *([_taken(marked)] if is_late else []),
            NO_POINTS if grade.status in UNREAD else f"{marked.score:g}",
            _literal(marked.status + mark + why),
            f"{grade.seconds:.1f}",
        )
    return table


def _points(marked: Marked, task: str) -> str:
    """The points of a task; a dash where nothing was written, which is another 0 than that of a wrong answer."""
    grade = marked.grade
    result = next((one for one in grade.tasks if one.id == task), None)
    is_unwritten = result is not None and (grade.status in UNREAD or not result.is_handed_in)
    return NO_POINTS if is_unwritten and not marked.scores.get(task) else marked.shown(task)


def _taken(marked: Marked) -> str:
    """What lateness takes of the points; "" where that is nothing, or there are none."""
    taken = 0.0 if marked.grade.status in UNREAD else marked.late.percent
    return f"-{taken:g} %" if taken else ""


def _rejected_why(grade: Grade) -> str:
    """The reason of a rejection, one short line; empty for whatever else."""
    reason = clean_line(grade.reason) if grade.status == "rejected" else ""
    return reason if len(reason) <= MOST_OF_REASON else reason[: MOST_OF_REASON - 1] + "…"


def names_line(names: Sequence[str]) -> str:
    """The first names, cleaned, and how many more there are."""
    more = len(names) - MOST_NAMES
    return ", ".join(map(clean_line, names[:MOST_NAMES])) + (f" and {more} more" if more > 0 else "")


def awaiting_line(grades: Sequence[Marked], out: Path) -> str:
    """How many answers await a mark, and where staff read them; empty where there is none."""
    number = sum(row.is_awaiting for marked in grades for rows in marked.rows.values() for row in rows)
    if not number:
        return ""
    students = sum(bool(marked.awaiting) for marked in grades)
    answers, works = (counted_english(n, word) for n, word in ((number, "answer"), (students, "submission")))
    return f"To mark: {answers} of {works}, {out / 'report' / PAGE}"


def outdated_line(marked: Sequence[Marked], codes: Codes) -> str:
    """Whose marks were given before the text changed; empty where there are none."""
    names = [f"{codes.shown(one.grade.student)} ({where})" for one in marked if (where := outdated_rows(one))]
    return (
        f"Marked before the text changed: {names_line(names)}; the marks count as they are. Read the new text in "
        f"report/{PAGE}, and change the points or the remark, which makes it a mark of the new text"
        if names
        else ""
    )


def staff_lines(store: Store, manifest: Manifest) -> list[str]:
    """What staff should look at in the whole folder: answers to mark, texts that changed after their mark, people who
    mark differently, decisions that change nothing, tests to doubt.

    Raises: UsageError where what people wrote cannot be read.
    """
    marked = store.marked(manifest)
    lines = [line] if (line := awaiting_line(marked, store.out)) else []
    if line := outdated_line(marked, codes := read_codes(store.out)):
        lines.append(line)
    lines += agreement_lines(marked, codes)
    if idle := without_effect(marked, store.beside(manifest).decisions):
        lines.append("Points given by hand that do not count:")
        lines += [f"  {clean_line(student)}: {why}" for student, why in idle]
    if doubts := tests_to_doubt(manifest, marked):
        lines.append("Tests to doubt (`autograder void` takes one out of the marks):")
        lines += [f"  {doubt.sentence('en')}" for doubt in doubts]
    return lines


def left_aside_line(names: Sequence[str]) -> str:
    """What lies among the submissions and was not graded, so that nobody is forgotten; empty where there is nothing."""
    if not names:
        return ""
    return (
        f"Not graded: {names_line(names)}. A name that begins with _, or a file that is no archive, notebook or *.py, "
        "is no submission; if it is a student's, rename it and run the command again"
    )


def part_line(manifest: Manifest, grades: Iterable[Grade]) -> str:
    """What to do where no upload that was judged has a place for some tasks: the class was given others. Else empty."""
    judged = [set(grade.placeless) for grade in grades if grade.status not in ("missing", "rejected")]
    lacking = set.intersection(*judged) if judged else set()
    left = [task.id for task in manifest.tasks if task.id not in lacking]
    if not lacking or not any(task.id in left for task in manifest.tested):
        return ""
    names = ", ".join(task.id for task in manifest.tasks if task.id in lacking)
    return (
        f"no submission has a cell of {names}: if the class was given the other tasks only, grade it with --tasks "
        f"{','.join(left)} and a new folder as --out"
    )


def _literal(text: str) -> Text:
    """Text that rich shows as it is: a `str` would be searched for markup and for :emoji:."""
    return Text(clean_line(text), overflow="ellipsis")


def _terminal_width() -> int:
    try:
        return os.get_terminal_size().columns
    except OSError:
        return 120
