"""What lies behind the results of a class: whose submission is not there now, and earlier attempts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from autograder.errors import UsageError
from autograder.intake.students import find_submissions
from autograder.results.grade import Grade
from autograder.results.store import Store
from autograder.wire.safe_text import clean_line


@dataclass(frozen=True)
class Behind:
    """Args:
    gone: students with a grade of a submission that is not in the folder of the last run now.
    folder: the name of that folder, "" where it is not known or cannot be read: then nobody is `gone`.
    earlier: student -> earlier attempts that are kept, the first one first; only those who have any.
    """

    gone: frozenset[str] = frozenset()
    folder: str = ""
    earlier: Mapping[str, Sequence[Grade]] = field(default_factory=dict)


NOTHING_BEHIND = Behind()


def gone(grades: Iterable[Grade], there: Collection[str]) -> tuple[str, ...]:
    """Who has a grade of a submission and is not among those who are `there` now: renamed, or removed."""
    return tuple(
        grade.student for grade in grades if grade.status != "missing" and grade.student not in there
    )


def look_behind(store: Store, grades: Sequence[Grade], assignment: str) -> Behind:
    """What there is on the disk. assignment: its name, for the layout in which work lies."""
    earlier = {one.student: attempts for one in grades if (attempts := store.earlier_attempts(one.student))}
    try:
        folder = store.places().submissions
        there = {upload.student for upload in find_submissions(folder, assignment)}
    except UsageError:
        return Behind(earlier=earlier)
    return Behind(frozenset(gone(grades, there)), clean_line(folder.name), earlier)
