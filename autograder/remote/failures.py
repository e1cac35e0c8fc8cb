"""How a student's code can give no answer."""

from __future__ import annotations


class StudentFailure(Exception):  # noqa: N818 -- says what happened, no mistake of ours
    """A student's code gave no answer. `kind` names what happened, `text` may be shown to the student."""

    default_kind = "Failure"

    def __init__(self, text: str = "", kind: str = "") -> None:
        self.kind = kind or self.default_kind
        self.text = text
        super().__init__(f"{self.kind}: {text}" if text else self.kind)


class StudentError(StudentFailure):
    """It raised an exception: `kind` is its type, `text` its cleaned traceback."""

    default_kind = "Error"


class StudentTimeout(StudentFailure):
    """It did not answer in time, or used up its processor time."""

    default_kind = "Timeout"


class StudentCrashed(StudentFailure):
    """Its process ended, was killed for a limit, or sent nonsense."""

    default_kind = "Crashed"
