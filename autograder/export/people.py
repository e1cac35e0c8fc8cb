"""Who is meant by a cell of somebody else's table: by number, e-mail, name of the submission, or full name."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from enum import StrEnum

from autograder.export.counting import Counted
from autograder.roster.person import Person


class Kind(StrEnum):
    """What identifies a student, the surest first."""

    id = "id"
    email = "email"
    student = "student"
    name = "name"


class People:
    """The students of a class by what identifies them; what belongs to two of them identifies nobody.

    others: people of the course without a result, who may have the same name.
    """

    def __init__(self, everybody: Iterable[Counted], others: Iterable[Person] = ()) -> None:
        self.everybody = list(everybody)
        have_results = {one.student for one in self.everybody}
        self._found: dict[tuple[Kind, str], list[Counted | Person]] = defaultdict(list)
        for one in self.everybody:
            self._add(one, one.student, one.marked.person)
        for person in others:
            if person.student not in have_results:
                self._add(person, person.student, person)

    def find(self, kind: Kind, text: str) -> Counted | None:
        """The one student with this number, e-mail or name; None where it is nobody or more than one."""
        found = self._found.get((kind, key(kind, text)), [])
        return found[0] if len(found) == 1 and isinstance(found[0], Counted) else None

    def is_shared(self, kind: Kind, text: str) -> bool:
        """Whether several people have it."""
        return len(self._found.get((kind, key(kind, text)), ())) > 1

    def _add(self, one: Counted | Person, student: str, person: Person | None) -> None:
        values = {
            Kind.id: person.id if person else "",
            Kind.email: person.email if person else "",
            Kind.student: student,
            Kind.name: (person.name if person else "") or student,
        }
        for kind, value in values.items():
            if value := key(kind, value):
                self._found[kind, value].append(one)


def key(kind: Kind, text: str) -> str:
    """Texts that mean one student are equal: case, spaces and ё do not matter, nor the order of a name's words."""
    folded = " ".join(unicodedata.normalize("NFC", text).casefold().replace("ё", "е").split())
    return " ".join(sorted(folded.replace("_", " ").split())) if kind is Kind.name else folded
