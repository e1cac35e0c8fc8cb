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
    from zoneinfo import ZoneInfo

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
    zone: Annotated[
        str | None,
        typer.Option(
            "--zone",
            metavar="NAME",
            help="Zone of times that name none, like Europe/Moscow; this machine's if not given.",
        ),
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
    from autograder.roster.sides import names_line, one_sided_lines, unlisted_lines
    from autograder.roster.zones import machine_zone, named_zone

    given = named_zone(zone) if zone is not None else None
    read_in = given or machine_zone()
    people = read_rosters(roster or (), read_in)
    said = read_times(times, read_in) if times is not None else {}
    outcome = collect_class(source, out, Options(layout, people, said, assignment, given))
    typer.echo(_table(outcome.rows, read_in))
    lines = [
        *_lines(outcome, out),
        *_zone_lines(outcome, read_in, is_given=given is not None),
        *one_sided_lines([*outcome.students, *outcome.empty], people.people, times=people.times),
        *unlisted_lines(people),
    ]
    unknown = sorted(set(said) - set(outcome.students))
    if unknown:
        lines.append(f"{times} names {', '.join(unknown)}, of whom nothing was collected")
    elsewhere = set(said) & set(outcome.students) - {row.student for row in outcome.rows if row.attempt}
    if elsewhere:
        problem = f"{times} names students whose work is not in {source}, and their times stay as they were"
        lines.append(names_line(f"{problem}; collect the download that holds it", elsewhere))
    for line in [*lines, *people.remarks]:
        typer.echo(line)


def _table(rows: Sequence[Collected], zone: ZoneInfo | None) -> str:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from autograder.wire.safe_text import clean_line

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for column in COLUMNS:
        table.add_column(column, overflow="fold")
    for row in rows:
        at = "" if row.submitted_at is None else row.submitted_at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
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


def _zone_lines(outcome: Outcome, zone: ZoneInfo | None, *, is_given: bool) -> list[str]:
    """In which zone times were read that name none, and whose were read in another before and stay so."""
    from autograder.roster.sides import names_line
    from autograder.roster.zones import zone_of

    name = "" if zone is None else zone.key
    whose = (
        "as --zone says" if is_given else "the zone of this machine; if the platform has another, give --zone"
    )
    lines = [f"Times without a zone were read, and are shown above, in {name or 'local time'}: {whose}"]
    others = {
        row.student: read.key
        for row in outcome.listed
        if row.is_current and (read := zone_of(row.submitted_at)) is not None and read.key != name
    }
    if others:
        zones = ", ".join(sorted(set(others.values())))
        mend = "collect the download that holds them" if is_given else "collect again with --zone"
        lines.append(
            names_line(f"Times that were read earlier, in {zones}, stay so; to mend them, {mend}", others)
        )
    return lines
