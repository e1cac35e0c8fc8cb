"""`autograder collect`: what a platform gave, brought into the layout that `grade` reads."""

from __future__ import annotations

import io
import re
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.collect.layouts import Layout
from autograder.commands.options import RosterOption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograder.collect.collecting import Outcome
    from autograder.roster.collected import Collected

COLUMNS = ("file", "student", "attempt", "handed in", "what became of it")
FILE_WIDTH = 1000
FATE_END = re.compile("[,:]")


def add(app: typer.Typer) -> None:
    """Give the command to the command line."""
    app.command()(collect)


def collect(
    source: Annotated[
        Path, typer.Option("--from", metavar="PATH", help="The zip or folder that the platform gave.")
    ],
    out: Annotated[
        Path,
        typer.Option("--out", metavar="DIR", help="Where the submissions go; what is there is kept."),
    ],
    layout: Annotated[Layout, typer.Option("--layout", help="How they are laid out.")] = Layout.auto,
    roster: RosterOption = None,
    times: Annotated[
        Path | None,
        typer.Option("--times", metavar="CSV", help="Columns student, submitted_at: goes before all else."),
    ] = None,
    assignment: Annotated[
        str,
        typer.Option("--assignment", metavar="NAME", help="Its name in nbgrader, where several are there."),
    ] = "",
) -> None:
    """Bring the work of a class from a platform into a folder for each student; a later one keeps the earlier."""
    from autograder.collect.collecting import Options
    from autograder.collect.collecting import collect as collect_class
    from autograder.roster.reading import read_rosters, read_times
    from autograder.roster.sides import one_sided_lines

    people = read_rosters(roster or ())
    said = read_times(times) if times is not None else {}
    outcome = collect_class(source, out, Options(layout, people, said, assignment))
    typer.echo(_table(outcome.rows))
    lines = [*_lines(outcome, out), *one_sided_lines(outcome.students, people.people)]
    unknown = sorted(set(said) - set(outcome.students))
    if unknown:
        lines.append(f"{times} names {', '.join(unknown)}, of whom nothing was collected")
    for line in [*lines, *people.remarks]:
        typer.echo(line)


def _table(rows: Sequence[Collected]) -> str:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from autograder.wire.safe_text import clean_line

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for column in COLUMNS:
        table.add_column(column, overflow="fold")
    for row in rows:
        at = "" if row.submitted_at is None else row.submitted_at.astimezone().strftime("%Y-%m-%d %H:%M")
        cells = (row.source, row.student, str(row.attempt or ""), at, row.fate)
        table.add_row(*(Text(clean_line(cell)) for cell in cells))
    stream = io.StringIO()
    is_terminal = sys.stdout.isatty()
    console = Console(file=stream, width=None if is_terminal else FILE_WIDTH, force_terminal=is_terminal)
    console.print(table)
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines())


def _lines(outcome: Outcome, out: Path) -> list[str]:
    """How many there are, and what somebody should look at."""
    from autograder.intake.students import COLLECTED_NAME
    from autograder.text import counted

    forms = ("", "", "")
    fates = Counter(FATE_END.split(row.fate)[0] for row in outcome.rows)
    counts = ", ".join(f"{number} {fate}" for fate, number in fates.most_common())
    files, students = (
        counted(number, "en", forms, word)
        for number, word in ((len(outcome.rows), "file"), (len(outcome.students), "student"))
    )
    lines = [
        f"{files} in the layout {outcome.layout.value}: {counts}",
        f"{students} in {out}",
        f"List: {out / COLLECTED_NAME}",
    ]
    if outcome.empty:
        lines.append(f"Nothing could be taken of: {', '.join(outcome.empty)}")
    if outcome.timeless:
        where = "Moodle's grading worksheet as --roster, or " if outcome.layout == Layout.moodle else ""
        lines.append(
            f"No time is known for the work of {len(outcome.timeless)}, which counts as handed in on time: give "
            f"{where}a table as --times"
        )
    return lines
