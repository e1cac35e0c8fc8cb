"""The dependency slice: which statements must run so that some names have the value that Jupyter would give.

Position-aware: what is read when a statement runs needs the last binding before it; what is read inside function
bodies needs the last binding at the place where the names are wanted, and also the last one before each place from
which the function may already have been called.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from autograder.intake.program.index import PLACES, Index
from autograder.intake.program.statements import BUILTINS
from autograder.intake.uploads.rejection import refuse

MAX_STEPS = 200_000


@dataclass
class Slice:
    """What must run.

    positions: of statements -> whether a wanted name needs them; otherwise they only change what others have made.
    effects: position -> the names whose object it changes, "" for a module's. reads: names as they are at the end.
    """

    end: int
    positions: dict[int, bool] = field(default_factory=dict)
    effects: dict[int, set[str]] = field(default_factory=dict)
    reads: set[str] = field(default_factory=set)


class Slicer:
    """Follows names to the statements they need."""

    def __init__(self, index: Index, end: int | None = None) -> None:
        """`end`: where the names are wanted, the end of the program by default."""
        self._index = index
        self._end = len(index.lines) if end is None else end
        self._slice = Slice(self._end)
        self._needed = True
        self._steps = 0
        self._seen: set[tuple[str, int]] = set()
        self._taken: set[tuple[int, int]] = set()
        self._pending: list[tuple[str, int]] = []
        self._wanted: set[tuple[str, int]] = set()
        self._files: set[str] = set()
        self._looked_at: set[tuple[str, int]] = set()

    def slice(self, names: Iterable[str], extra: Iterable[int] = ()) -> Slice:
        """What must run for `names` and for the statements `extra`. Raises: Rejected."""
        self._pending += [(name, self._end) for name in names]
        for position in extra:
            self._include(position, self._end)
            self._wanted |= {(name, position) for name in self._index.lines[position].facts.binds}
        self._follow()
        if self._slice.positions:
            for position in self._index.stars:
                if position < self._end:
                    self._include(position, position)
            self._follow()
        self._needed = False
        while self._add_effects():
            self._follow()
        return self._slice

    def _follow(self) -> None:
        while self._pending:
            name, place = self._pending.pop()
            if (name, place) not in self._seen:
                self._seen.add((name, place))
                if place == self._end:
                    self._slice.reads.add(name)
                self._resolve(name, place)
                self._step()

    def _resolve(self, name: str, place: int) -> None:
        index = self._index
        binders = index.reaching(name, place)
        writers = [p for p in index.writers(name) if p < place and (not binders or p > binders[-1])]
        if not binders and not writers and place == self._end and name not in BUILTINS:
            binders = index.after(name, place)
        stars = [] if index.binders(name) else [p for p in index.stars if p < place]
        # What is bound together may share something.
        self._wanted |= {
            (other, position) for position in binders for other in index.lines[position].facts.binds
        }
        for position in (*binders, *writers, *stars):
            self._include(position, place)

    def _step(self) -> None:
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise refuse(
                "код слишком запутан, чтобы выделить из него решения; сдайте его в solution.py",
                "the code is too tangled to single out the solutions; hand them in as solution.py",
            )

    def _include(self, position: int, place: int) -> None:
        """Take a statement whose effect is needed at `place`: functions it defines may be called from there."""
        if (position, place) in self._taken:
            return
        self._taken.add((position, place))
        self._step()
        self._slice.positions[position] = self._slice.positions.get(position, False) or self._needed
        facts = self._index.lines[position].facts
        self._pending += [(name, position) for name in facts.uses_now]
        self._pending += [(name, self._end) for name in facts.uses_later]
        if place != self._end:
            self._pending += [(name, place) for name in facts.uses_later]

    def _add_effects(self) -> bool:
        """Take what changes objects that the slice makes and reads; whether there was anything new."""
        before = len(self._slice.positions)
        for name, position in sorted(self._wanted - self._looked_at):
            self._looked_at.add((name, position))
            if self._index.is_made(name, position):
                self._add_changers(name)
        if self._index.stars:
            for name in [name for name in self._slice.reads if not self._index.binders(name)]:
                self._add_changers(name)
        self._add_written_files()
        if self._slice.positions:
            self._add_state_changes()
        return len(self._slice.positions) > before

    def _add_written_files(self) -> None:
        files = {file for position in self._slice.positions for file in self._index.files(position)}
        for file in files - self._files:
            self._files.add(file)
            for position in self._index.changers(file):
                if position < self._end and position not in self._slice.positions:
                    self._include(position, position)

    def _add_changers(self, name: str) -> None:
        for position in self._index.changers(name):
            binders = self._index.reaching(name, position)
            made = [p for p in binders if p in self._slice.positions]
            by_star = not self._index.binders(name)
            if (made or by_star) and (position < self._end or (made and max(made) >= self._end)):
                self._slice.effects.setdefault(position, set()).add(name)
                if position not in self._slice.positions:
                    self._include(position, position)

    def _add_state_changes(self) -> None:
        packages = {
            package for position in self._slice.positions for package in self._index.packages(position)
        }
        for position, package, seeds in self._index.state_changes:
            if position < self._end and (package in packages or package in PLACES):
                if not seeds:
                    self._slice.effects.setdefault(position, set()).add("")
                if position not in self._slice.positions:
                    self._include(position, position)
