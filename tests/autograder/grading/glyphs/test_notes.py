"""Staff are told of a training that took less than a tenth of the reference's processor time."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from autograder.errors import GraderError
from autograder.grading.glyphs.exam import Bars, Examination
from autograder.grading.glyphs.notes import about_time

EXAM = Examination(b"secret", 0.1, Bars(0.7, 0.99, 5.0))


@pytest.mark.parametrize(
    ("trainings", "is_noted"),
    [
        ([], False),
        ([0.5], False),
        ([0.49], True),
        ([6.0, 5.0, 0.1], True),
        ([6.0, 5.0], False),
        ([0.0], True),
    ],
)
def test_the_shortest_training_counts(trainings: Sequence[float], is_noted: bool) -> None:
    notes = about_time(trainings, EXAM)
    assert bool(notes) is is_noted
    if notes:
        assert f"{min(trainings):.2f}" in notes[0].en
        assert f"{min(trainings):.2f}" in notes[0].ru
        assert "5.0 s" in notes[0].en


@pytest.mark.parametrize(
    "exam", [None, Examination(b"s", 0.1), Examination(b"s", 0.1, GraderError("failed"))]
)
def test_nothing_is_said_without_a_measure(exam: Examination | None) -> None:
    assert about_time([0.0], exam) == ()
