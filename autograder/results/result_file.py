"""One stored result as a file: read, or told what is wrong with it; nothing that was once stored is lost."""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from autograder.errors import StoreError
from autograder.results.grade import Grade
from autograder.results.totals import contradiction
from autograder.wire.safe_text import clean_line

DAMAGED = ".damaged"
# What `write_atomically` leaves when it is killed; a write takes no such time.
TEMPORARY = re.compile(r"\..+\.[a-z]+\.[a-z0-9_]{8}")
STALE_S = 3600.0
# As pydantic calls a number that no grader gives.
OUT_OF_RANGE = ("greater_than_equal", "finite_number")


class UnreadableError(Exception):
    """What is wrong with a file that is there: a part of a sentence."""


class UntrueError(UnreadableError):
    """A file that can be read and says what no grader has written: somebody has edited it."""


@dataclass(frozen=True)
class Unreadable:
    """A result that is there and cannot be used.

    Args:
        untrue: it can be read, and its points contradict each other.
        kept: where the file lies now, if another one took its place.
    """

    student: str
    path: Path
    problem: str
    untrue: bool = False
    kept: Path | None = None

    def __str__(self) -> str:
        problem = f"{'trusted' if self.untrue else 'read'} ({self.problem})"
        if self.kept is None:
            mend = "put it back from a backup, or grade again, which keeps this file beside the new result"
            by_hand = "; points by hand go into overrides.csv" if self.untrue else ""
            return f"the result {self.path} cannot be {problem}: {mend}{by_hand}"
        mend = f"the damaged file is kept as {self.kept}; see what people had decided in it, then remove it"
        return f"the result of {clean_line(self.student)} could not be {problem}: graded anew, {mend}"


def read_result(path: Path) -> Grade | None:
    """The result, or None where there is no such file. Raises: UnreadableError; UntrueError."""
    try:
        grade = Grade.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UnreadableError(error.strerror or str(error)) from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        kind = UntrueError if first["type"] in OUT_OF_RANGE else UnreadableError
        raise kind(clean_line(f"{where}: {first['msg']}" if where else first["msg"])) from error
    except ValueError as error:
        raise UnreadableError(clean_line(str(error))) from error
    if unicodedata.normalize("NFC", path.stem) != unicodedata.normalize("NFC", grade.student):
        raise UnreadableError(f"it holds the result of {clean_line(grade.student)!r}")
    if problem := contradiction(grade):
        raise UntrueError(clean_line(problem))
    return grade


def set_aside(path: Path) -> Path:
    """Rename a file that cannot be read, over no other one; its new place. Raises: StoreError."""
    kept = _free(path.with_name(path.name + DAMAGED))
    try:
        return path.rename(kept)
    except OSError as error:
        raise StoreError(
            f"cannot keep the damaged {path} as {kept.name}: {error.strerror}; nothing was written over it"
        ) from error


def attempt_of(grade: Grade) -> bytes:
    """What is kept of an earlier attempt: points, verdicts and sentences; examples, which are large, are left out."""
    tasks = tuple(
        task.model_copy(
            update={"tests": tuple(test.model_copy(update={"example": None}) for test in task.tests)}
        )
        for task in grade.tasks
    )
    return grade.model_copy(update={"tasks": tasks}).model_dump_json(by_alias=True).encode() + b"\n"


def attempt_path(folder: Path, grade: Grade, content: bytes) -> Path | None:
    """Where an attempt goes below `folder`: `<n>.json`, beside another of this number; None where it lies there."""
    path = folder / grade.student / f"{grade.attempt}.json"
    known = [path, *sorted(path.parent.glob(f"{grade.attempt}-*.json"))]
    return None if any(one.is_file() and one.read_bytes() == content for one in known) else _free(path)


def sweep_temporary(folders: Iterable[Path], now: float | None = None) -> None:
    """Remove what killed writers have left, an hour ago or longer."""
    before = (time.time() if now is None else now) - STALE_S
    for folder in folders:
        for path in folder.glob(".*"):
            try:
                if TEMPORARY.fullmatch(path.name) and path.is_file() and path.stat().st_mtime < before:
                    path.unlink()
            except OSError:
                continue  # somebody else's: it harms nobody


def _free(path: Path) -> Path:
    """The path, or with the first number that is not taken: `1.json`, `1-2.json`."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free
