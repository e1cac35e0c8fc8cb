"""How far people differ who have marked the same answers."""

from __future__ import annotations

import itertools
import statistics
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.results.by_hand.codes import Codes
from autograder.results.marked import Marked
from autograder.text import counted_english
from autograder.wire.safe_text import clean_line


@dataclass(frozen=True)
class Agreement:
    """Two people who have marked the same answers.

    Args:
        answers: marked by both.
        mean, most: by how many points their marks differ.
        where: student, task and row of the largest difference.
    """

    first: str
    second: str
    answers: int
    mean: float
    most: float
    where: tuple[str, str, str]


def agreements(marked: Iterable[Marked]) -> list[Agreement]:
    """One for each pair of people who have an answer in common, by name."""
    differences: dict[tuple[str, str], list[tuple[float, tuple[str, str, str]]]] = defaultdict(list)
    for one in marked:
        for task, rows in one.rows.items():
            for row in rows:
                marks = sorted((mark for mark in row.marks if mark.by), key=lambda mark: mark.by.casefold())
                for first, second in itertools.combinations(marks, 2):
                    found = abs(first.points - second.points), (one.grade.student, task, row.row.id)
                    differences[first.by, second.by].append(found)
    return [
        Agreement(*pair, len(found), statistics.fmean(size for size, _ in found), *max(found))
        for pair, found in sorted(differences.items())
    ]


def agreement_lines(marked: Iterable[Marked], codes: Codes) -> list[str]:
    """What to tell of them, a line for each pair; empty where nobody has marked what another one has."""
    lines = []
    for one in agreements(marked):
        student, task, row = one.where
        answers = counted_english(one.answers, "answer")
        most = (
            f", at most {one.most:g} ({clean_line(codes.shown(student))}, {task}, {row})" if one.most else ""
        )
        names = f"{clean_line(one.first)} and {clean_line(one.second)}"
        apart = counted_english(float(f"{one.mean:.2g}"), "point")
        lines.append(f"{names} marked {answers} both: {apart} apart in the mean{most}")
    return lines
