"""`autograder export`: what counts, in the tables that courses and platforms keep."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autograder.commands.options import FolderArg, Language
from autograder.export.choices import Format, Late


def add(app: typer.Typer) -> None:
    """Give the command to the command line."""
    app.command()(export)


def export(
    folder: FolderArg,
    format_: Annotated[Format, typer.Option("--format", help="What it is for.", show_default=False)],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="The file; DIR/exports/... if not given.")
    ] = None,
    like: Annotated[
        Path | None,
        typer.Option("--like", metavar="TABLE", help="Fill a copy of the course's own table, csv or xlsx."),
    ] = None,
    column: Annotated[
        str, typer.Option("--column", metavar="NAME", help="Where points go; the assignment's if not given.")
    ] = "",
    course: Annotated[
        Path | None,
        typer.Option("--course", metavar="DIR", help="The course of nbgrader whose gradebook is written."),
    ] = None,
    worksheet: Annotated[
        Path | None,
        typer.Option(
            "--worksheet", metavar="CSV", help="Moodle's worksheet or Canvas's gradebook, downloaded now."
        ),
    ] = None,
    since: Annotated[
        Path | None,
        typer.Option(
            "--since", metavar="CSV", help="An earlier worksheet: what Moodle got since then stays."
        ),
    ] = None,
    lang: Annotated[
        Language, typer.Option("--lang", help="Of headers and words; ru: decimal comma and semicolons.")
    ] = Language.en,
    scale_to: Annotated[
        float | None, typer.Option("--scale-to", metavar="10|100", help="What the maximum becomes.")
    ] = None,
    without: Annotated[
        str, typer.Option("--without", metavar="W", help="Tasks to leave out of sum and maximum: W,B1.")
    ] = "",
    late: Annotated[
        Late, typer.Option("--late", help="raw: the platform takes its own penalty.")
    ] = Late.applied,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Though marks are missing or results need staff.")
    ] = False,
) -> None:
    """Write what counts as a table, as Moodle, Canvas or nbgrader take it, or as a file for each student."""
    from autograder.export.counting import Rule
    from autograder.export.exporting import Options
    from autograder.export.exporting import export as export_class

    if scale_to is not None and not 0 < scale_to <= 1_000_000:
        raise typer.BadParameter("--scale-to needs a number above 0")
    rule = Rule(scale_to, tuple(filter(None, (task.strip() for task in without.split(",")))), late)
    options = Options(out, like, worksheet, since, column, lang.value, rule, anyway)
    if (format_ is Format.nbgrader) != (course is not None):
        raise typer.BadParameter("--course belongs to --format nbgrader, which needs it")
    if course is not None:
        from autograder.gradebook.transfer import export_to_gradebook

        if any((out, like, worksheet, since)) or rule != Rule():
            raise typer.BadParameter(
                "--format nbgrader writes all points into a gradebook: it takes --course, --column and --anyway"
            )
        lines = export_to_gradebook(folder, course, column, anyway=anyway)
    else:
        lines = export_class(folder, format_, options)
    for line in lines:
        typer.echo(line)
