"""`autograder nbgrader-setup`: a course of nbgrader in which the marks of this grader count."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from autograder.commands.options import CoursesOption, LangOption, Language


def add(app: typer.Typer) -> None:
    """Give the command to the command line."""
    app.command(name="nbgrader-setup")(nbgrader_setup)


def nbgrader_setup(
    course: Annotated[
        Path, typer.Argument(metavar="COURSE", help="Its folder; made if need be.", show_default=False)
    ],
    names: Annotated[
        list[str], typer.Argument(metavar="ASSIGNMENT...", help="Names, or paths.", show_default=False)
    ],
    grades: Annotated[
        Path | None,
        typer.Option(
            "--grades", metavar="DIR", help="Holds DIR/ASSIGNMENT, the --out of each grade; COURSE/grades."
        ),
    ] = None,
    lang: LangOption = Language.ru,
    tasks: Annotated[
        str | None,
        typer.Option(
            "--tasks", metavar="A1,B2|PRESET", help="A part of the assignment, of which one is named."
        ),
    ] = None,
    courses: CoursesOption = None,
) -> None:
    """Put releases into the sources of a course of nbgrader, whose `autograde` then takes our marks."""
    from autograder.course.assignment import find_assignment
    from autograder.gradebook.setup import set_up

    if tasks is not None and len(names) > 1:
        raise typer.BadParameter("--tasks needs one ASSIGNMENT; set up the others on their own")
    assignments = [find_assignment(name, courses, tasks) for name in names]
    print("building the notebooks with nbgrader...", file=sys.stderr, flush=True)
    for line in set_up(course, assignments, lang.value, grades):
        typer.echo(line)
