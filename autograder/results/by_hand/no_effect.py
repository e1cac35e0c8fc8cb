"""Lines of `overrides.csv` that change nothing, so that nobody believes that they do.

A decision stands in for tests that ran. Work that nobody could read gets its points by being judged as all others are,
and work that came too late by a later date: both are said here.
"""

from __future__ import annotations

from collections.abc import Iterable

from autograder.results.decisions import OVERRIDES_NAME, Decisions
from autograder.results.marked import UNREAD, Marked

JUDGE = "put work that can be read among the submissions (an archive packed anew as zip, say) and grade again"
EXTEND = (
    "give an extension in the roster, or the right time with `autograder collect --times`, and grade again"
)


def why_nothing_counts(one: Marked) -> str:
    """Why no decision on a task changes this mark, and what does; "" where it does."""
    if one.grade.status in UNREAD:
        return f"the submission is {one.grade.status}; {JUDGE}"
    if one.late.kept(1.0) == 0:
        return f"lateness takes all points; {EXTEND}"
    return ""


def without_effect(marked: Iterable[Marked], decisions: Decisions) -> list[tuple[str, str]]:
    """Student, and in which lines points are given that do not count, and why."""
    last = {(one.student, one.task): one for one in decisions.decisions}
    found = []
    for one in marked:
        lines = [
            str(given.line) for (who, _), given in last.items() if who == one.grade.student and given.points
        ]
        if lines and (why := why_nothing_counts(one)):
            which = f"line{'s' if len(lines) > 1 else ''} {', '.join(lines)}"
            found.append((one.grade.student, f"{OVERRIDES_NAME}, {which}: {why}"))
    return found
