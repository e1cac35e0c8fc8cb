"""A mistake is rare where few have it of those who wrote the task."""

from __future__ import annotations

import pytest

from autograder.similarity.bugs import rare_bugs
from tests.autograder.similarity.made_class import graded


@pytest.mark.parametrize(
    ("num_holders", "num_works", "is_rare"),
    [
        (1, 60, False), (2, 60, True), (3, 60, True), (4, 60, False),
        (2, 8, True), (3, 8, False), (2, 7, False), (2, 2, False), (15, 300, True), (16, 300, False),
    ],
)  # fmt: skip
def test_rare_is_a_twentieth_or_two_and_never_more_than_a_quarter(
    num_holders: int, num_works: int, is_rare: bool
) -> None:
    grades = [graded(f"s{n:03d}", ("flip", "flipped") if n < num_holders else None) for n in range(num_works)]
    found = rare_bugs(grades, {})
    holders = tuple(f"s{n:03d}" for n in range(num_holders))
    assert [(one.students, one.num_works) for one in found] == ([(holders, num_works)] if is_rare else [])


def test_the_same_name_in_two_tasks_is_two_mistakes() -> None:
    grades = [
        graded(f"s{n}", ("flip", "flipped") if n < 2 else None, "F3" if n != 1 else "F4") for n in range(20)
    ]
    assert rare_bugs(grades, {}) == []


def test_who_did_not_write_the_task_does_not_count() -> None:
    grades = [
        graded(f"s{n}", ("flip", "flipped") if n < 2 else None, "F3" if n < 7 else "F4") for n in range(40)
    ]
    assert rare_bugs(grades, {}) == []


def test_a_team_counts_once() -> None:
    grades = [graded(f"s{n}", ("flip", "flipped") if n < 2 else None) for n in range(40)]
    assert len(rare_bugs(grades, {})) == 1
    assert rare_bugs(grades, dict.fromkeys(("s0", "s1"), "1")) == []
