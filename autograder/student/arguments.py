"""What stands behind `hw-cnn check` and `hw-cnn submit` on the command line."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.course.public import PublicManifest
from autograder.errors import UsageError
from autograder.student import words
from autograder.text import Text

HELP = ("-h", "--help")
WATCH, GITHUB = "--watch", "--github"
OPTIONS = {"check": (WATCH, GITHUB), "submit": ("--anyway",)}


@dataclass(frozen=True)
class Request:
    """folder: of the work, the current one unless given. tasks: as they were typed. options: those that were given."""

    command: str
    folder: Path
    tasks: tuple[str, ...]
    options: frozenset[str]
    help: bool

    def has(self, option: str) -> bool:
        return option in self.options

    @property
    def usage(self) -> Text:
        return words.USAGE_OF_CHECK if self.command == "check" else words.USAGE_OF_SUBMIT


def parse(argv: Sequence[str], command: str) -> Request:
    """Tasks, a folder, options, in any order. Raises: UsageError in both languages, since no folder is known yet."""
    options = frozenset(argument for argument in argv if argument.startswith("-"))
    others = [argument for argument in argv if argument not in options]
    folders = [argument for argument in others if _is_folder(argument, command)]
    tasks = tuple(argument for argument in others if argument not in folders)
    request = Request(
        command, Path(folders[0]) if folders else Path(), tasks, options, bool(options & set(HELP))
    )
    is_wrong = options - set(OPTIONS[command]) or len(folders) > 1 or {WATCH, GITHUB} <= options
    if not request.help and is_wrong:
        raise UsageError(f"{request.usage.ru} / {request.usage.en}")
    return request


def _is_folder(argument: str, command: str) -> bool:
    """`submit` knows no tasks; for `check` the name of a task holds no separator."""
    looks_like_one = os.sep in argument or "/" in argument or argument.startswith(".")
    return command != "check" or looks_like_one or Path(argument).is_dir()


def chosen_tasks(request: Request, public: PublicManifest) -> list[str]:
    """Ids of the tasks in the order of the manifest, all of them unless some were named. Raises: UsageError."""
    known = {task.id.casefold(): task.id for task in public.tasks}
    unknown = [task for task in request.tasks if task.casefold() not in known]
    if unknown:
        text = words.UNKNOWN_TASK.get(public.lang)
        raise UsageError(text.format(what=", ".join(unknown), known=", ".join(known.values())))
    asked = {known[task.casefold()] for task in request.tasks}
    return [task.id for task in public.tasks if task.id in asked or not asked]
