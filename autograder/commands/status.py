"""`autograder status`: where a class stands, a line for each kind of thing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autograder.commands.options import FolderArg
from autograder.results.store import Store

MOST_NAMED = 10


def add(app: typer.Typer) -> None:
    """Put the command on the command line."""
    app.command()(status)


def status(
    folder: FolderArg,
    submissions: Annotated[
        Path | None, typer.Option("--submissions", help="Where they are now, if they were moved.")
    ] = None,
    everybody: Annotated[
        bool, typer.Option("--all", help=f"Name everybody, not the first {MOST_NAMED} of each line.")
    ] = False,
) -> None:
    """Who is graded, waits, was rejected, is missing, awaits a mark or needs staff, and why; changes nothing.

    Ends with exit code 1 where a stored result cannot be read.
    """
    from autograder.desk.status import UNREADABLE, shown, standing
    from autograder.results.report.page import stored_manifest

    found = standing(Store(folder), stored_manifest(folder), submissions)
    typer.echo(f"{found.manifest.name} ({found.manifest.version}) in {folder}")
    if found.submissions is not None:
        typer.echo(f"submissions: {found.submissions}")
    width = max(map(len, found.groups), default=0)
    for name, members in found.groups.items():
        named = members if everybody else members[:MOST_NAMED]
        more = len(members) - len(named)
        names = ", ".join(map(shown, named)) + (f" and {more} more" if more else "")
        typer.echo(f"{name:{width}} {len(members):4d}  {names}")
    if not found.groups:
        typer.echo("nothing is graded, and nothing waits")
    for problem in found.problems:
        typer.echo(problem, err=True)
    if UNREADABLE in found.groups:
        raise typer.Exit(1)
