"""What lies beside the results of a class and changes what counts: marks, decisions, people, what was published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from autograder.results.by_hand.lines import require
from autograder.results.by_hand.texts import Texts
from autograder.results.decisions import NO_DECISIONS, Decisions
from autograder.results.marks import NO_MARKS, Marks
from autograder.roster.person import Person


@dataclass(frozen=True)
class Beside:
    """Everything that people, not the grader, have said.

    Args:
        people: student -> what the roster says.
        published: student -> the score that students were told; later it only rises.
        texts: for which text each mark was given.
    """

    marks: Marks = NO_MARKS
    decisions: Decisions = NO_DECISIONS
    people: Mapping[str, Person] = field(default_factory=dict)
    published: Mapping[str, float] = field(default_factory=dict)
    texts: Texts = field(default_factory=dict)

    @property
    def problems(self) -> tuple[str, ...]:
        """A sentence for each line of a table that is wrong."""
        return (*self.marks.problems, *self.decisions.problems)

    def require(self) -> None:
        """Raises: UsageError with all sentences, a line each, where something is wrong."""
        require(self.problems)


NOTHING_BESIDE = Beside()
