"""The class: everybody on the roster, who is who elsewhere, and when work came in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from autograder.roster.person import Person


@dataclass(frozen=True)
class Roster:
    """What one or several files say of the class.

    Args:
        people: student -> what is known of them.
        teams: name of a team that hands in together, as Moodle's worksheet says it -> its students.
        times: student -> when their work came in, as the worksheet says it.
        unlisted: students of the worksheet who are not on the course's own table, where both were given.
        is_apart: whether that is everybody in the worksheet.
        remarks: sentences for the one who gave the files: times that cannot be read, rows that nobody stands for.
    """

    people: Mapping[str, Person] = field(default_factory=dict)
    teams: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    times: Mapping[str, datetime] = field(default_factory=dict)
    unlisted: tuple[str, ...] = ()
    is_apart: bool = False
    remarks: tuple[str, ...] = ()

    @property
    def by_participant(self) -> dict[str, str]:
        """Number in Moodle's assignment -> student."""
        return {person.participant: name for name, person in self.people.items() if person.participant}


NOBODY = Roster()
