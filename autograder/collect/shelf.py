"""The folder of submissions, to which work is added: what is there is kept, what is newer becomes current.

`DIR/<student>/` is what will be graded, `DIR/_earlier/<attempt>/<student>/` what it has replaced. A folder is written
aside and then renamed, so a kill at any instant leaves each attempt complete in one of the two places.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from autograder.errors import StoreError
from autograder.intake.students import EARLIER
from autograder.intake.uploads.taking import digest

UNFINISHED = ".collecting-"


class Put(StrEnum):
    """What became of work that was put on the shelf; `other` is the attempt that it was compared with."""

    first = "taken"
    newer = "taken in place of attempt {other}"
    older = "kept aside: attempt {other} came in later"
    same = "unchanged"
    known = "kept aside already; attempt {other} stays"


@dataclass(frozen=True)
class Placed:
    """Where work lies below the folder, as which attempt, and which one it was compared with (0: none)."""

    put: Put
    attempt: int
    folder: str
    other: int = 0


@dataclass(frozen=True)
class Work:
    """What a platform gave of one student. at: when it came in, None where that is not known."""

    student: str
    files: Mapping[str, bytes]
    at: datetime | None


@dataclass(frozen=True)
class Known:
    """What the list says of a student's attempts. current: the number of the one to be graded, 0 where it says none."""

    current: int = 0
    times: Mapping[int, datetime | None] | None = None

    def time(self, attempt: int) -> datetime | None:
        return (self.times or {}).get(attempt)


class Shelf:
    """The submissions below one folder."""

    def __init__(self, out: Path) -> None:
        """Raises: StoreError."""
        self._out = out
        try:
            out.mkdir(parents=True, exist_ok=True)
            for left in out.glob(f"{UNFINISHED}*"):  # of a run that was killed; the source has it still
                shutil.rmtree(left)
        except OSError as error:
            raise _unwritable(out, error) from error

    def put(self, work: Work, known: Known) -> Placed:
        """Add work, unless it is there. What came in before the current attempt does not take its place.

        Raises: StoreError.
        """
        try:
            return self._put(work, known)
        except OSError as error:
            raise _unwritable(self._out / work.student, error) from error

    def _put(self, work: Work, known: Known) -> Placed:
        current = self._out / work.student
        earlier = self._earlier(work.student)
        # The list is written last: after a kill its current attempt may have been moved already.
        now = known.current if known.current and known.current not in earlier else max(earlier, default=0) + 1
        if not current.exists():
            self._write(current, work.files)
            return Placed(Put.first, now, work.student)
        wanted = digest(work.files)
        if digest(_read(current)) == wanted:
            return Placed(Put.same, now, work.student)
        before = known.time(now)
        for number, folder in earlier.items():
            since = before if before is not None else known.time(number)
            is_later = work.at is not None and since is not None and work.at > since
            if not is_later and digest(_read(folder)) == wanted:
                return Placed(Put.known, number, self._named(folder), now)
        number = max([now, *earlier]) + 1
        if work.at is not None and before is not None and work.at < before:
            aside = self._aside(number, work.student)
            self._write(aside, work.files)
            return Placed(Put.older, number, self._named(aside), now)
        self._write(current, work.files, replaced=self._aside(now, work.student))
        return Placed(Put.newer, number, work.student, now)

    def _earlier(self, student: str) -> dict[int, Path]:
        """Number of each attempt that is kept aside -> its folder."""
        numbers = sorted(
            int(folder.name) for folder in self._out.glob(f"{EARLIER}/*/") if folder.name.isdigit()
        )
        folders = {number: self._aside(number, student) for number in numbers}
        return {number: folder for number, folder in folders.items() if folder.exists()}

    def _aside(self, attempt: int, student: str) -> Path:
        return self._out / EARLIER / str(attempt) / student

    def _named(self, folder: Path) -> str:
        return folder.relative_to(self._out).as_posix()

    def _write(self, target: Path, files: Mapping[str, bytes], replaced: Path | None = None) -> None:
        """Write a folder aside, then rename; what stood there goes to `replaced` first."""
        with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=self._out) as folder:
            made = Path(folder, "work")
            for path, data in files.items():
                file = made / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(data)
            target.parent.mkdir(parents=True, exist_ok=True)
            if replaced is not None:
                replaced.parent.mkdir(parents=True, exist_ok=True)
                target.rename(replaced)
            made.rename(target)


def _read(place: Path) -> dict[str, bytes]:
    if not place.is_dir():
        return {"": place.read_bytes()}
    files = (path for path in place.rglob("*") if path.is_file())
    return {path.relative_to(place).as_posix(): path.read_bytes() for path in files}


def _unwritable(path: Path, error: OSError) -> StoreError:
    return StoreError(f"cannot write {path}: {error.strerror}; free space or choose another --out")
