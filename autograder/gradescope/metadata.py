"""Whose submission it is, by `submission_metadata.json`.

Source: https://gradescope-autograders.readthedocs.io/en/latest/submission_metadata/
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ValidationError

from autograder.intake.students import safe_student

NOBODY = "student"


class User(BaseModel):
    """One of those who handed in; the file says more than is needed here."""

    email: str = ""


class Metadata(BaseModel):
    """The part of the file that grading needs."""

    users: Sequence[User] = ()


def student_of(path: Path) -> tuple[str, str]:
    """(the name under which it is graded, what staff must know of that: "" for nothing).

    It is the e-mail in small letters; of a group the first in alphabetical order. So a resubmission meets the same
    numbers, and `autograder grade` with the same key and a folder of that name gives the same score.
    """
    try:
        users = Metadata.model_validate_json(path.read_bytes()).users
    except (OSError, ValidationError):
        return NOBODY, f"{path.name} is missing or cannot be read: graded under the name {NOBODY!r}"
    names = sorted(email for user in users if (email := user.email.strip().casefold()))
    if not names:
        return NOBODY, f"{path.name} names no e-mail: graded under the name {NOBODY!r}"
    return safe_student(names[0]), ""
