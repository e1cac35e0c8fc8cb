"""Arguments and options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Language(StrEnum):
    ru = "ru"
    en = "en"


class Tier(StrEnum):
    A = "A"
    A_MINUS = "A-"
    B = "B"


AssignmentArg = Annotated[
    str, typer.Argument(metavar="ASSIGNMENT", help="Its name, or the path of its folder.", show_default=False)
]
CoursesOption = Annotated[
    Path | None,
    typer.Option(
        "--assignments", metavar="DIR", help="Folder of the assignments; ./assignments if not given."
    ),
]
LangOption = Annotated[Language, typer.Option("--lang", help="Language of what students read.")]
_ROSTER = typer.Option("--roster", help="The course's table, Moodle's grading worksheet, or one of each.")
RosterOption = Annotated[list[Path] | None, _ROSTER]
RequiredRosterOption = Annotated[list[Path], _ROSTER]
FolderArg = Annotated[Path, typer.Argument(metavar="DIR", help="The --out of a grade.")]
StudentArg = Annotated[str, typer.Argument(metavar="STUDENT", help="As in scores.csv.", show_default=False)]
AnonymousOption = Annotated[
    bool | None,
    typer.Option(
        "--anonymous/--named",
        help="Codes in place of names in marking.html and marking.csv; it stays so until --named.",
        show_default=False,
    ),
]
TierOption = Annotated[
    Tier | None, typer.Option("--require-tier", help="Refuse less protection than this; see `doctor`.")
]
