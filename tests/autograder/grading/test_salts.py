"""Salts: the same for the same student and purpose, different for everything else, and their name gives none away."""

from __future__ import annotations

import pytest

from autograder.grading.salts import make_salt, salt_id

KEY = b"key of the course"


def test_a_resubmission_has_the_same_salts() -> None:
    first, again = make_salt(KEY, "seminar", "anna"), make_salt(KEY, "seminar", "anna")
    assert first("test_a") == again("test_a") != first("test_b")
    assert len(first("test_a")) == 32


@pytest.mark.parametrize(
    "other", [(b"another key", "seminar", "anna"), (KEY, "project", "anna"), (KEY, "seminar", "boris")]
)
def test_another_key_assignment_or_student_has_others(other: tuple[bytes, str, str]) -> None:
    assert make_salt(*other)("test_a") != make_salt(KEY, "seminar", "anna")("test_a")
    assert salt_id(*other) != salt_id(KEY, "seminar", "anna")


def test_names_that_run_together_are_kept_apart() -> None:
    assert make_salt(KEY, "seminar", "anna")("") != make_salt(KEY, "semina", "ranna")("")


def test_the_name_of_a_salt_is_the_beginning_of_no_salt_that_a_test_gets() -> None:
    name = salt_id(KEY, "seminar", "anna")
    assert name == salt_id(KEY, "seminar", "anna")
    assert len(name) == 16
    assert not make_salt(KEY, "seminar", "anna")("test_a").hex().startswith(name)
