"""The rows of `_collected.csv` while work is collected: what was there before, and what a run adds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from autograder.collect.shelf import Known, Placed, Put
from autograder.intake.students import EARLIER
from autograder.roster.collected import Collected
from autograder.roster.zones import zone_of

TAKEN = "taken"


class Listing:
    """The list of one folder of submissions. Students are named as `time_key` does."""

    def __init__(self, rows: Iterable[Collected]) -> None:
        self._rows = list(rows)

    def known(self, student: str) -> Known:
        """What the list says of the attempts of a student."""
        own = [row for row in self._rows if row.student == student and row.attempt]
        times = {row.attempt: row.submitted_at for row in own}
        return Known(max((row.attempt for row in own if row.is_current), default=0), times)

    def reread(self, student: str, zone: ZoneInfo) -> bool:
        """Take all times of a student that named no zone for times of this one; whether any was read in another."""
        before = self._rows
        self._rows = [_in_zone(row, zone) if row.student == student else row for row in before]
        return any(one is not other for one, other in zip(before, self._rows, strict=True))

    def place(
        self,
        student: str,
        placed: Placed,
        made: Sequence[Collected],
        at: datetime | None,
        *,
        is_certain: bool,
    ) -> datetime | None:
        """List the files of an attempt, unless they are listed. Gives when it came in.

        made: a row for each file, with what the platform says of it as its fate. at: when it came in by this source; an
        attempt that is known already keeps its own time, unless this one `is_certain`.
        """
        if placed.put == Put.first:  # whatever the list says: nothing of it is there
            self._rows = [
                row for row in self._rows if (row.student, row.attempt) != (student, placed.attempt)
            ]
        own = [row for row in self._rows if (row.student, row.attempt) == (student, placed.attempt)]
        before = next((row.submitted_at for row in own), None)
        if before is not None and not is_certain:
            at = before
        current = placed.other if placed.put in (Put.older, Put.known) else placed.attempt
        self._rows = [
            _now(row, current, placed.attempt, at) if row.student == student else row for row in self._rows
        ]
        if not own:
            said = TAKEN if placed.attempt == current else f"earlier than attempt {current}"
            self._rows += [replace(row, submitted_at=at, fate=joined(said, row.fate)) for row in made]
        return at

    def leave(self, rows: Sequence[Collected], sources: Iterable[str]) -> None:
        """List what was not taken; what the list has said before of these sources and was not taken goes."""
        seen = set(sources)
        self._rows = [row for row in self._rows if row.attempt or row.source not in seen]
        self._rows += rows

    def rows(self) -> list[Collected]:
        """All of them, by student and attempt; those of nobody come last."""
        return sorted(
            self._rows,
            key=lambda row: (not row.student, row.student, not row.attempt, row.attempt, row.source),
        )


def joined(*parts: str) -> str:
    """What is said of a file, in one line."""
    return ", ".join(filter(None, parts))


def _in_zone(row: Collected, zone: ZoneInfo) -> Collected:
    """A row whose time stands as it was written, but is one of `zone`."""
    at, read = row.submitted_at, zone_of(row.submitted_at)
    if at is None or read is None or read.key == zone.key:
        return row
    return replace(row, submitted_at=at.replace(tzinfo=zone))


def _now(row: Collected, current: int, attempt: int, at: datetime | None) -> Collected:
    """A row of the student, once `current` is what will be graded, and `attempt` came in `at`."""
    if row.attempt == attempt:
        row = replace(row, submitted_at=at)
    if row.attempt and row.is_current and row.attempt != current:
        fate = row.fate.replace(TAKEN, f"replaced by attempt {current}", 1)
        return replace(row, fate=fate, place=f"{EARLIER}/{row.attempt}/{row.place}")
    return row
