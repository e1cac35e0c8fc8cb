"""`codes.json`: codes in place of names, for marking without knowing whose answer it is.

Kept beside the results, which those who mark need not see: they get `report/marking.html` and `marking.csv` only.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from pathlib import Path

from pydantic import Field, ValidationError

from autograder.errors import UsageError
from autograder.text import Value

CODES_NAME = "codes.json"
# Without letters and digits that look alike, or that a spreadsheet takes for a number such as 1e5.
LETTERS = "bcdfghjkmnpqrtvwxz"
LENGTH = 5


class Codes(Value):
    """student -> code. anonymous: whether `marking.html` and `marking.csv` show codes."""

    anonymous: bool = False
    codes: dict[str, str] = Field(default_factory=dict)

    def shown(self, student: str) -> str:
        """How those who mark see a student."""
        return self.codes.get(student, student) if self.anonymous else student


NO_CODES = Codes()


def read_codes(folder: Path) -> Codes:
    """Those of a folder of results; none where there is no file. Raises: UsageError."""
    path = folder / CODES_NAME
    try:
        return Codes.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return NO_CODES
    except (OSError, ValidationError) as error:
        raise UsageError(
            f"{path} cannot be read: take it from a backup; without it nobody knows whose the codes are"
        ) from error


def with_codes(before: Codes, students: Iterable[str], *, anonymous: bool) -> Codes:
    """Codes for everybody; who has one keeps it, and no code is a student's name."""
    codes, names = dict(before.codes), list(students)
    taken = {*codes.values(), *names}
    for student in names if anonymous else ():
        while student not in codes:
            code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
            if code not in taken:
                codes[student] = code
                taken.add(code)
    return Codes(anonymous=anonymous, codes=codes)
