"""From whom a platform names to the students of the roster; nobody is matched by name alone."""

from __future__ import annotations

import re
import unicodedata

from autograder.collect.layouts import Layout
from autograder.collect.piece import Owner
from autograder.intake.students import safe_student
from autograder.roster.person import Person
from autograder.roster.roster import Roster

LETTERS = re.compile(r"[^\W_]+")


class Owners:
    """Finds the students behind what a platform calls them."""

    def __init__(self, roster: Roster, layout: Layout) -> None:
        self._roster, self._layout = roster, layout
        self._participants = roster.by_participant
        self._teams = {_squeezed(name): students for name, students in roster.teams.items()}

    def students(self, owner: Owner) -> tuple[str, ...]:
        """Those whose work it is: one, or the members of a team. Somebody unknown has a name of their own."""
        if owner.is_folder:
            return (self._named(owner.name),)
        known = self._participants.get(owner.number) if self._layout == Layout.moodle else None
        team = self._teams.get(_squeezed(owner.name), ())
        # A team has a number of another kind: by chance it may be that of a participant.
        if team and (known is None or not _agree(owner.name, self._roster.people[known])):
            return team
        # A name that begins with _ would be nobody's for `grade`.
        unknown = "_".join(filter(None, (owner.name.strip("_ "), owner.number)))
        return (known or self._by_id(owner) or safe_student(unknown),)

    def _named(self, name: str) -> str:
        """The student who is called so, or has this number or e-mail, which people name folders by."""
        student = safe_student(name)
        if student in self._roster.people:
            return student
        for known, person in self._roster.people.items():
            ids = (person.id, person.email) if person.id != person.participant else (person.email,)
            if name.casefold() in map(str.casefold, ids):
                return known
        return student

    def _by_id(self, owner: Owner) -> str:
        """Whose number and name it is in the course's own roster; "" where it is nobody's.

        A number alone does not do: those of students and of participants in an assignment may be equal by chance.
        """
        for student, person in self._roster.people.items():
            is_named = bool(owner.name and person.name) and _agree(owner.name, person)
            if is_named and person.id == owner.number and not person.participant:
                return student
        return ""


def _agree(name: str, person: Person) -> bool:
    """Whether a name is that of the person, whatever the order of its words, or nothing says otherwise."""
    return not (name and person.name) or _letters(name) == _letters(person.name)


def _letters(name: str) -> list[str]:
    """The letters of a name: Canvas writes the family name first, without spaces and in lower case."""
    return sorted(_squeezed(name))


def _squeezed(name: str) -> str:
    """The letters and digits of a name in lower case: in an archive Moodle leaves out what file systems dislike."""
    return "".join(LETTERS.findall(unicodedata.normalize("NFC", name).casefold()))
