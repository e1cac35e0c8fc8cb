"""`autograder collect`: what a platform gave as a folder for each student, and a list of what became of each file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from autograder.collect.gathering import NOBODYS, Taken, by_student, take
from autograder.collect.layouts import READINGS, Layout, recognise
from autograder.collect.listing import Listing, joined
from autograder.collect.nbgrader import TIMESTAMP
from autograder.collect.owners import Owners
from autograder.collect.shelf import Shelf, Work
from autograder.collect.source import Entry, entries
from autograder.errors import UsageError
from autograder.intake.encodings import decode
from autograder.intake.files import read_timestamp
from autograder.intake.students import COLLECTED_NAME
from autograder.results.store import write_atomically
from autograder.roster.collected import Collected, as_csv, read_collected, time_key
from autograder.roster.roster import NOBODY, Roster


@dataclass(frozen=True)
class Options:
    """What the command line decides.

    Args:
        times: student -> when the work came in, as a person says it; this goes before all else.
        assignment: its name in nbgrader; "" where there is one alone.
        zone: that of times which name none, as a person says it; it also mends times that were read in another.
    """

    layout: Layout = Layout.auto
    roster: Roster = NOBODY
    times: Mapping[str, datetime | None] = field(default_factory=dict)
    assignment: str = ""
    zone: ZoneInfo | None = None


@dataclass(frozen=True)
class Outcome:
    """What a run has come to.

    Args:
        layout: that was found.
        rows: of this run alone: what became of each file of the source.
        listed: all rows of the folder.
        empty: students of whom nothing could be taken.
    """

    layout: Layout
    rows: tuple[Collected, ...]
    listed: tuple[Collected, ...]
    empty: tuple[str, ...] = ()

    @property
    def students(self) -> list[str]:
        """Everybody whose work lies in the folder."""
        return sorted({row.student for row in self.listed if row.is_current})

    @property
    def timeless(self) -> list[str]:
        """Students whose work has no known time."""
        return sorted({row.student for row in self.listed if row.is_current and row.submitted_at is None})


def collect(source: Path, out: Path, options: Options) -> Outcome:
    """Bring the work of a class into `out`, beside what was collected there before.

    Raises: UsageError for a source that cannot be used, StoreError where `out` cannot be written. Work that was placed
    before an error stays, and the same command continues.
    """
    if source.is_dir() and out.resolve().is_relative_to(source.resolve()):
        raise UsageError(f"--out {out} lies in --from {source}; name a folder outside of it")
    listing = Listing(read_collected(out))
    with entries(source) as found:
        paths = [entry.path for entry in found]
        layout = options.layout
        if layout == Layout.auto:
            layout = recognise(paths, is_zip=not source.is_dir())
        pieces = READINGS[layout](paths, options.assignment)
        if not pieces:
            raise UsageError(_nothing(source, layout, paths))
        run = _Run(source.name, layout, options, Shelf(out), listing)
        for student, parts in by_student(found, pieces, Owners(options.roster, layout)).items():
            run.add(student, take(parts))
        run.leave([entry for entry in found if entry.path not in pieces])
    listing.leave([row for row in run.rows if not row.attempt], [row.source for row in run.rows])
    listed, path = listing.rows(), out / COLLECTED_NAME
    text = as_csv(listed).encode()
    if not path.exists() or path.read_bytes() != text:
        write_atomically(path, text)
    return Outcome(layout, tuple(run.rows), tuple(listed), tuple(run.empty))


class _Run:
    """One run: what it has placed so far, and the row of each file."""

    def __init__(self, source: str, layout: Layout, options: Options, shelf: Shelf, listing: Listing) -> None:
        self.rows: list[Collected] = []
        self.empty: list[str] = []
        self._source, self._layout, self._options = source, layout, options
        self._shelf, self._listing = shelf, listing

    def add(self, student: str, taken: Taken) -> None:
        """Put the work of one student on the shelf and on the list. Raises: StoreError."""
        name = time_key(student)
        self.rows += [
            self._row(name, part.entry, _left_out(part.problem)) for part in taken.parts if part.problem
        ]
        if not taken.files:
            self.empty.append(name)
            return
        zone = self._options.zone
        mended = f"times read in {zone.key}" if zone and self._listing.reread(name, zone) else ""
        work = Work(student, taken.files, self._time(student, taken))
        placed = self._shelf.put(work, self._listing.known(name))
        made = [
            replace(
                self._row(name, part.entry, part.remark),
                attempt=placed.attempt,
                place=time_key(f"{placed.folder}/{part.path}"),
            )
            for part in taken.parts
            if not part.problem
        ]
        is_certain = student in self._options.times
        at = self._listing.place(name, placed, made, work.at, is_certain=is_certain)
        fate = placed.put.format(other=placed.other)
        self.rows += [replace(row, submitted_at=at, fate=joined(fate, mended, row.fate)) for row in made]

    def leave(self, found: Iterable[Entry]) -> None:
        """Note the files that are nobody's."""
        self.rows += [
            self._row("", entry, _left_out(entry.problem) if entry.problem else NOBODYS) for entry in found
        ]

    def _row(self, student: str, entry: Entry, fate: str) -> Collected:
        return Collected(student, None, time_key(f"{self._source}/{entry.path}"), time_key(fate), 0, "")

    def _time(self, student: str, taken: Taken) -> datetime | None:
        """By a person's word, the worksheet, or nbgrader's own file; never by what a student has packed."""
        if student in self._options.times:
            return self._options.times[student]
        if (at := self._options.roster.times.get(student)) is not None:
            return at
        if self._layout == Layout.nbgrader and (stamp := taken.files.get(TIMESTAMP)) is not None:
            return read_timestamp(decode(stamp))
        return None


def _left_out(problem: str) -> str:
    return f"left out: {problem}"


def _nothing(source: Path, layout: Layout, paths: Sequence[str]) -> str:
    seen = f"; the first file there is {paths[0]!r}" if paths else ""
    return f"{source} holds no submission in the layout {layout.value!r}{seen}; name another with --layout"
