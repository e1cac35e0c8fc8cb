"""What people decide on a task beside the tests: `overrides.csv`, and tests that were found wrong (`voids.csv`)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Decision:
    """One person gives a task of one student exactly so many points. line: of the file, from 1."""

    student: str
    task: str
    points: float
    reason: str
    by: str
    line: int


@dataclass(frozen=True)
class Decisions:
    """What a file holds: the decisions of the lines that are right, and a sentence for each line that is not."""

    decisions: tuple[Decision, ...] = ()
    problems: tuple[str, ...] = ()

    def of(self, student: str, task: str) -> Decision | None:
        """The last one: a later line takes the place of an earlier one."""
        own = [one for one in self.decisions if (one.student, one.task) == (student, task)]
        return own[-1] if own else None


NO_DECISIONS = Decisions()
