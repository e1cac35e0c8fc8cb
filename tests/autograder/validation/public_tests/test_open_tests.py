"""A hidden test is open when no bug that it catches gets past the public tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course.open_tests import store_open_tests
from autograder.validation.public_tests.open_tests import find_open, open_problems, open_summary
from tests.autograder.validation.public_tests.support import (
    HIDDEN,
    PUBLIC,
    answer,
    manifest,
    outcomes,
    variant,
)

VALUES, CORNER, IDLE = HIDDEN
VARIANTS = (variant("flipped"), variant("border"), variant("ok", "correct"))


def matrix(flipped: str, border: str) -> dict[str, dict[str, str]]:
    """Bug -> hidden test -> mark; two marks each, nobody fails the third test."""
    rows = {"flipped": flipped, "border": border, "ok": ".."}
    return {bug: dict(zip(HIDDEN, f"{marks}.", strict=True)) for bug, marks in rows.items()}


@pytest.mark.parametrize(
    ("flipped", "border", "expected"),
    [
        ("x.", "..", [VALUES]),
        ("xx", "..", [VALUES, CORNER]),
        ("xx", ".x", [VALUES]),  # nobody but the hidden test of corners sees `border`
        ("x.", ".~", [VALUES]),  # for some students it does
        ("x.", "x.", []),
        ("..", "..", []),  # a test that catches nothing is not open either
    ],
)
def test_open_tests(flipped: str, border: str, expected: list[str]) -> None:
    caught = outcomes(answer("flipped", PUBLIC[0]), answer("border"), answer("ok"))
    assert find_open(manifest(), VARIANTS, matrix(flipped, border), caught) == expected


def test_what_cannot_be_tried_is_not_caught() -> None:
    """A variant of the weights alone has no code for public tests to run."""
    caught = outcomes(answer("flipped", PUBLIC[0]))
    assert find_open(manifest(), VARIANTS, matrix("xx", ".x"), caught) == [VALUES]


def test_a_course_may_store_nothing(tmp_path: Path) -> None:
    assert open_problems(tmp_path, manifest(), [VALUES], quick=False) == []


@pytest.mark.parametrize(
    ("stored", "found", "quick", "named"),
    [
        ([VALUES], [VALUES], False, []),
        ([VALUES, CORNER], [VALUES], False, [CORNER]),
        ([VALUES, CORNER], [VALUES], True, [CORNER]),
        ([VALUES], [VALUES, CORNER], False, [CORNER]),
        # On a few salts less is caught, so more may seem open.
        ([VALUES], [VALUES, CORNER], True, []),
    ],
)
def test_a_wrong_list_is_a_problem(
    tmp_path: Path, stored: list[str], found: list[str], quick: bool, named: list[str]
) -> None:
    store_open_tests(tmp_path, stored)
    problems = open_problems(tmp_path, manifest(), found, quick=quick)
    assert [problem.split(": ")[0] for problem in problems] == [
        f"open_tests.json is wrong about {name}" for name in named
    ]


def test_an_old_list_is_a_problem(tmp_path: Path) -> None:
    store_open_tests(tmp_path, [VALUES])
    (tmp_path / "public").mkdir()
    (tmp_path / "public" / "test_f1.py").write_text("")
    (problem,) = open_problems(tmp_path, manifest(), [VALUES], quick=True)
    assert problem.startswith("open_tests.json was made for other tests")


def test_summary() -> None:
    assert open_summary(manifest(), [VALUES]) == [
        f"small: open tests 8 of 10 points (F1 8 of 10); not open: {CORNER}, {IDLE}"
    ]
    assert open_summary(manifest(), HIDDEN) == ["small: open tests 10 of 10 points (F1 10 of 10)"]


def test_tests_of_tasks_that_are_not_asked_do_not_matter(tmp_path: Path) -> None:
    store_open_tests(tmp_path, [VALUES, "test_g1.py::test_of_another_task"])
    assert open_problems(tmp_path, manifest(), [VALUES], quick=False) == []
