"""`autograder similarity`: what agrees between works of a class, for staff."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from autograder.commands.options import FolderArg, Language, RosterOption


def add(app: typer.Typer) -> None:
    """Put the command on the command line."""
    app.command()(similarity)


def similarity(
    folder: FolderArg,
    submissions: Annotated[
        Path | None, typer.Option("--submissions", help="Where they are now, if they were moved.")
    ] = None,
    roster: RosterOption = None,
    lines: Annotated[
        int, typer.Option("--lines", min=0, help="A task with no more lines of own code is not compared.")
    ] = 15,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="The page; DIR/similarity.html if not given.")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, help="Submissions read at once; one per core if not given.")
    ] = None,
    lang: Annotated[
        Language | None, typer.Option("--lang", help="Language of the page; that of the grades if not given.")
    ] = None,
) -> None:
    """Show near code, equal weights and equal rare mistakes side by side; no code runs, nothing is decided."""
    from autograder.commands.stages import Stages
    from autograder.roster.reading import read_rosters
    from autograder.similarity.command import Options, write_similarity

    stages, cores = Stages(), os.cpu_count() or 1
    known = read_rosters(roster or ())
    options = Options(submissions, out, lines, lang.value if lang else None, known, jobs or cores)
    for line in write_similarity(folder, options, lambda done, total: stages.tell("reading", done, total)):
        stages.say(line)
