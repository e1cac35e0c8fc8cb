"""How points are rounded and added up."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from autograder.results.grade import TaskResult

BONUS_CAP = 20.0


def round_half_up(points: float, digits: int = 2) -> float:
    """Round half away from zero in decimal, as people do: 0.125 -> 0.13, 2.675 -> 2.68."""
    quantum = Decimal(1).scaleb(-digits)
    return float(Decimal(repr(points)).quantize(quantum, rounding=ROUND_HALF_UP))


def total(tasks: Iterable[TaskResult]) -> float:
    """Compulsory points plus bonus, the bonus capped at 20."""
    scores = [(task.score, task.bonus) for task in tasks]
    compulsory = sum(score for score, is_bonus in scores if not is_bonus)
    bonus = sum(score for score, is_bonus in scores if is_bonus)
    return round_half_up(compulsory + min(BONUS_CAP, bonus))
