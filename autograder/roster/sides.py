"""Who is on one side only: on the roster without a submission, or with one and not on the roster."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from autograder.intake.students import COLLECTED_NAME
from autograder.roster.roster import Roster
from autograder.wire.safe_text import clean_line

MOST_NAMES = 20
LOST = "Handed in by the worksheet, but the folder is empty or not in this download: look in Moodle, and download again"


def one_sided_lines(
    students: Iterable[str],
    roster: Iterable[str],
    *,
    not_taken: Collection[str] = (),
    times: Collection[str] = (),
) -> list[str]:
    """Sentences for the end of a command; none where both sides agree, and none without a roster.

    not_taken: students, as `time_key` names them, of whose work nothing could be taken when it was collected. times:
    students of the roster of whom the platform says when they handed in: an upload that is not here was lost.
    """
    here, there = set(students), set(roster)
    if not there:
        return []
    nothing = there - here
    refused = {student for student in nothing if clean_line(student) in not_taken}
    lost = (nothing - refused) & set(times)
    sides = (
        ("On the roster, nothing handed in", nothing - refused - lost),
        (f"Handed in, and nothing of it could be taken: see {COLLECTED_NAME}", refused),
        (LOST, lost),
        ("Handed in, not on the roster", here - there),
    )
    return [names_line(said, names) for said, names in sides if names]


def unlisted_lines(roster: Roster) -> list[str]:
    """Who stands in the worksheet alone, where the course's own table was given too; that nobody is in both."""
    if not roster.unlisted:
        return []
    lines = [names_line("In the worksheet, not on the course's own table", roster.unlisted)]
    if roster.is_apart:
        lines.append(
            "The worksheet and the course's own table have nobody in common: compare their e-mails and numbers "
            "(a spreadsheet takes zeros off the front of a number)"
        )
    return lines


def names_line(said: str, names: Collection[str]) -> str:
    """What is said of some students, how many they are, and who."""
    return f"{said} ({len(names)}): {_listed(names)}"


def _listed(names: Iterable[str]) -> str:
    known = sorted(map(clean_line, names))
    more = len(known) - MOST_NAMES
    return ", ".join(known[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
