"""`void` and `publish`: what staff decide once a class has been graded."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from autograder.commands.options import FolderArg
from autograder.results.store import Store


class How(StrEnum):
    full = "full"
    drop = "drop"


ByOption = Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides.", show_default=False)]
ReasonOption = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.", show_default=False)]


def add(app: typer.Typer) -> None:
    """Put the commands on the command line."""
    for command in (void, publish):
        app.command()(command)


def void(
    folder: FolderArg,
    test: Annotated[
        str, typer.Argument(metavar="TEST", help="A hidden test's id or name.", show_default=False)
    ],
    how: Annotated[
        How,
        typer.Option(
            "--as", help="full: all who handed in the task get its points; drop: the others share them."
        ),
    ],
    by: ByOption,
    reason: ReasonOption,
) -> None:
    """Void a hidden test that was found wrong: rescored without running anything, and who gains and loses."""
    from autograder.desk.voiding import void as decide
    from autograder.results.report.page import stored_manifest, write_report

    for line in decide(Store(folder), stored_manifest(folder), test, how.value, by, reason):
        typer.echo(line)
    typer.echo(f"Report: {write_report(folder)}")


def publish(
    folder: FolderArg,
    student: Annotated[
        list[str] | None,
        typer.Option("--student", metavar="STUDENT", help="Tell only this one; may be repeated."),
    ] = None,
    allow_lower: Annotated[
        bool, typer.Option("--allow-lower", help="Tell marks that are lower than what was told, too.")
    ] = False,
    anyway: Annotated[
        bool,
        typer.Option("--anyway", help="Although marks await, a verdict is missing, or a result is damaged."),
    ] = False,
) -> None:
    """Keep what students are told; from then on marks only rise."""
    from autograder.desk.publishing import publish as tell
    from autograder.results.report.page import stored_manifest, write_report

    manifest, chosen = stored_manifest(folder), student or ()
    for line in tell(Store(folder), manifest, students=chosen, lower=allow_lower, anyway=anyway):
        typer.echo(line)
    typer.echo(f"Report: {write_report(folder)}")
