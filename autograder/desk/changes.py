"""Who gains and who loses by a decision or a new run: the marks before it against those after it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autograder.results.marked import Marked
from autograder.text import counted_english
from autograder.wire.safe_text import clean_line

NAME_WIDTH = 40


@dataclass(frozen=True)
class Change:
    """A student whose mark is another one now. before: None for somebody who had none.

    is_held: it would be lower, had it not been published.
    """

    student: str
    before: float | None
    after: float
    is_held: bool = False

    @property
    def difference(self) -> float:
        """Points won, negative for lost ones."""
        return self.after - (self.before or 0.0)


def changes(before: Iterable[Marked], after: Iterable[Marked]) -> list[Change]:
    """Those whose score, or what they have earned below a published score, is another one; most won first."""
    old = {one.grade.student: one for one in before}
    found = []
    for one in after:
        was = old.get(one.grade.student)
        if was is None or (was.score, was.earned) != (one.score, one.earned):
            score = None if was is None else was.score
            found.append(Change(one.grade.student, score, one.score, one.earned < one.score))
    return sorted(found, key=lambda change: (-change.difference, change.student))


def change_lines(found: Sequence[Change], number: int) -> list[str]:
    """What to print. number: how many students there are."""
    gain = sum(change.difference > 0 for change in found)
    lose = sum(change.difference < 0 for change in found)
    students = counted_english(number, "student")
    lines = [f"{gain} gain, {lose} lose, {number - gain - lose} stay, of {students}"]
    if not found:
        return lines
    names = [clean_line(change.student)[:NAME_WIDTH] for change in found]
    width = max(len("student"), *map(len, names))
    lines.append(f"{'student':<{width}}  {'before':>7}  {'after':>7}")
    for name, change in zip(names, found, strict=True):
        was = "–" if change.before is None else f"{change.before:g}"
        held = "  kept as published; it would be lower" if change.is_held else ""
        lines.append(f"{name:<{width}}  {was:>7}  {change.after:>7g}  {change.difference:+g}{held}")
    return lines
