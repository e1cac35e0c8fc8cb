"""What an export says of one student: the tasks that count in it, lateness taken off or not, and the scale."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from autograder.course.manifest import Manifest
from autograder.errors import UsageError
from autograder.export.choices import Late
from autograder.results.grade import Grade
from autograder.results.marked import Marked
from autograder.results.totals import round_half_up, total

CENT = Decimal("0.01")
MOST_NAMES = 20


@dataclass(frozen=True)
class Rule:
    """How a total is made.

    Args:
        scale_to: what the maximum becomes; None leaves points as they are.
        without: ids of tasks that count neither in the sum nor in the maximum.
        late: raw where the platform takes its own penalty.
    """

    scale_to: float | None = None
    without: tuple[str, ...] = ()
    late: Late = Late.applied

    def lines(self, maximum: float) -> list[str]:
        """What is unusual, a sentence each. maximum: in points, before the scale."""
        lines = []
        if self.without:
            lines.append(
                f"Left out of sum and maximum: {', '.join(self.without)}; {plain(maximum)} points remain"
            )
        if self.late is Late.raw:
            lines.append("Points as they were before lateness; the platform takes its own penalty")
        if self.scale_to is not None:
            lines.append(
                f"Scaled: {plain(maximum)} points become {plain(self.scale_to)}, rounded half up to two decimals"
            )
        return lines


@dataclass(frozen=True)
class Counted:
    """One student by such a rule.

    Args:
        marked: all that is known.
        scores: task -> points, None where a mark is missing; without the tasks that are left out.
        points: their sum before lateness and scale.
        score: what this export gives, and `max_score` of how much.
        awaiting: ids of the tasks that count here and in which an answer waits for a person.
    """

    marked: Marked
    scores: Mapping[str, float | None]
    points: float
    score: float
    max_score: float
    awaiting: tuple[str, ...]

    @property
    def grade(self) -> Grade:
        return self.marked.grade

    @property
    def student(self) -> str:
        return self.grade.student

    @property
    def percent(self) -> float:
        return 100.0 * self.score / self.max_score


def count(manifest: Manifest, everybody: Iterable[Marked], rule: Rule) -> list[Counted]:
    """The class by a rule. Raises: UsageError: a task is unknown, or no compulsory point is left."""
    known = {task.id: task for task in manifest.tasks}
    if unknown := [task for task in rule.without if task not in known]:
        raise UsageError(f"--without {unknown[0]}: no such task; there are {', '.join(known)}")
    left_out = sum(known[task].points for task in rule.without if not known[task].bonus)
    return [_counted(one, rule, one.grade.max_score - left_out) for one in everybody]


def scaled(points: float, maximum: float, to: float | None) -> float:
    """Points of `maximum` as points of `to`, half up to two decimals; as they are where `to` is None."""
    if to is None:
        return points
    exact = Decimal(repr(points)) * Decimal(repr(to)) / Decimal(repr(maximum))
    return float(exact.quantize(CENT, rounding=ROUND_HALF_UP))


def plain(value: float) -> str:
    """A number with a decimal point and as many decimals as it has, two at most: 7, 7.5, 66.67."""
    return f"{round_half_up(value):.2f}".rstrip("0").rstrip(".")


def unready(everybody: Sequence[Counted]) -> list[str]:
    """Who waits for a mark, and who for staff: part of a sentence each."""
    awaiting = [f"{one.student} ({', '.join(one.awaiting)})" for one in everybody if one.awaiting]
    for_staff = [one.student for one in everybody if one.marked.needs_staff]
    said = ((awaiting, "await", "a mark by hand"), (for_staff, "need", "staff"))
    return [
        f"{len(names)} {verb}{'s' if len(names) == 1 else ''} {what}: {named(names)}"
        for names, verb, what in said
        if names
    ]


def below_told(everybody: Iterable[Counted], rule: Rule) -> list[str]:
    """Whose mark is held at what was told, or would be, were it not for the rule: a sentence, or none."""
    held = [
        f"{one.student} ({plain(one.marked.published)} told, {plain(one.marked.earned)} earned)"
        for one in everybody
        if one.marked.published is not None and one.marked.earned < one.marked.published
    ]
    if not held:
        return []
    is_whole = not rule.without and rule.late is not Late.raw
    what = (
        "Held at what was told, though less is earned now"
        if is_whole
        else "Less is earned than was told, which --late raw and --without do not hold; see to these marks yourself"
    )
    return [f"{what} ({len(held)}): {named(held)}"]


def named(names: Iterable[str]) -> str:
    """The first names and how many more there are."""
    known = list(names)
    more = len(known) - MOST_NAMES
    return ", ".join(known[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def _counted(one: Marked, rule: Rule, maximum: float) -> Counted:
    if maximum <= 0:
        raise UsageError(f"--without {','.join(rule.without)}: no compulsory task is left")
    scores = {task: points for task, points in one.scores.items() if task not in rule.without}
    points, score = one.before, one.score
    if rule.without:
        points = total(
            task.model_copy(update={"score": scores[task.id] or 0.0})
            for task in one.grade.tasks
            if task.id in scores
        )
        score = round_half_up(one.late.kept(points))
    if rule.late is Late.raw:
        score = points
    to = maximum if rule.scale_to is None else rule.scale_to
    awaiting = tuple(task for task in one.awaiting if task not in rule.without)
    return Counted(one, scores, points, scaled(score, maximum, rule.scale_to), to, awaiting)
