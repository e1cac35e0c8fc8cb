"""`autograder bundle-gradescope`: an assignment as the zip that Gradescope runs."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from autograder.commands.options import AssignmentArg, CoursesOption, LangOption, Language, TierOption


class Visibility(StrEnum):
    visible = "visible"
    after_due_date = "after_due_date"
    after_published = "after_published"


def add(app: typer.Typer) -> None:
    """Give the command to the command line."""
    app.command()(bundle_gradescope)


def bundle_gradescope(
    assignment: AssignmentArg,
    out: Annotated[Path, typer.Option("--out", metavar="ZIP", help="The file to upload; for staff only.")],
    key: Annotated[
        Path | None, typer.Option("--key", help="Course key; made beside --out if not given.")
    ] = None,
    lang: LangOption = Language.ru,
    tasks: Annotated[
        str | None,
        typer.Option(
            "--tasks", metavar="A1,B2|PRESET", help="A part of the assignment: ids of tasks, or a preset."
        ),
    ] = None,
    visibility: Annotated[
        Visibility, typer.Option("--visibility", help="When students see what became of their tasks.")
    ] = Visibility.visible,
    minutes: Annotated[
        int, typer.Option("--minutes", min=2, max=40, help="The timeout that is set in Gradescope.")
    ] = 10,
    index: Annotated[
        str, typer.Option("--index", metavar="URL", help="Index of the CPU build of torch; see pytorch.org.")
    ] = "",
    wheels: Annotated[
        Path | None,
        typer.Option("--wheels", metavar="DIR", help="Wheels of all packages: nothing is downloaded there."),
    ] = None,
    require_tier: TierOption = None,
    trusted_code: Annotated[
        bool, typer.Option("--trusted-code", help="Grade without protection too, where nothing else is left.")
    ] = False,
    courses: CoursesOption = None,
) -> None:
    """Make the autograder zip of an assignment for Gradescope: setup.sh, run_autograder, grader, hidden tests."""
    from autograder.course.assignment import find_assignment
    from autograder.gradescope.bundling import Packages, bundle
    from autograder.gradescope.settings import Settings
    from autograder.grading.inputs import read_key

    chosen = find_assignment(assignment, courses, tasks)
    settings = Settings(
        assignment=chosen.name,
        tasks=chosen.manifest.chosen,
        lang=lang.value,
        visibility=visibility.value,
        minutes=minutes,
        require_tier=require_tier.value if require_tier else None,
        trusted_code=trusted_code,
    )
    homes = [courses] if courses is not None else []
    packages = Packages(index, wheels)
    for line in bundle(chosen, homes, out, settings, read_key(key, out.parent), packages):
        typer.echo(line)
