"""The public kill matrix, and what is said to be wrong with public tests."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from autograder.validation.class_of_variants import REFERENCE, STUB
from autograder.validation.public_tests.child import Answer
from autograder.validation.public_tests.matrix import (
    MATRIX,
    public_problems,
    public_summary,
    write_public_matrix,
)
from tests.autograder.validation.public_tests.support import PUBLIC, answer, manifest, outcomes, variant

SLIDE, BIAS = PUBLIC
VARIANTS = (variant("f1_flipped"), variant("f1_weights"), variant("f1_ok", "correct"))


def test_the_matrix_has_a_row_for_each_variant(tmp_path: Path) -> None:
    found = outcomes(answer("f1_flipped", SLIDE), answer("f1_ok"))
    write_public_matrix(manifest(), VARIANTS, found, tmp_path)
    with (tmp_path / MATRIX).open(newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows == [
        ["variant", "kind", "task", SLIDE, BIAS],
        ["f1_flipped", "bug", "F1", "x", "."],
        ["f1_weights", "bug", "F1", "", ""],  # it hands in other weights, and no public test sees those
        ["f1_ok", "correct", "F1", ".", "."],
    ]


def test_sound_tests_are_no_problem() -> None:
    assert public_problems(VARIANTS, outcomes(answer("f1_flipped", SLIDE), answer("f1_ok"))) == []


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        (answer("f1_ok", BIAS), f"f1_ok is right and fails the public test {BIAS}: wrong values"),
        (answer(REFERENCE, SLIDE), f"reference is right and fails the public test {SLIDE}: wrong values"),
        (answer(STUB, SLIDE), f"the stub passes the public test {BIAS}"),
        (answer("f1_flipped", reason="killed"), "f1_flipped: the public tests of F1 gave no answer, killed"),
    ],
)
def test_problems(found: Answer, problem: str) -> None:
    assert public_problems(VARIANTS, outcomes(found)) == [problem]


def test_the_summary_names_what_is_not_caught() -> None:
    found = outcomes(answer("f1_flipped", SLIDE), answer("f1_ok"))
    assert public_summary(manifest(), VARIANTS, found) == [
        "F1: public tests catch 1 of 2 planted bugs; not f1_weights",
        f"note: the public test {BIAS} catches no planted bug",
    ]
