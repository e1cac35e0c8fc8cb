"""How a student's code can give no answer."""

from __future__ import annotations

from autograder.text import Lang
from autograder.wire.reasons import Reason


class StudentFailure(Exception):  # noqa: N818 -- says what happened, no mistake of ours
    """A student's code gave no answer. `kind` names what happened."""

    kind = "Failure"

    def said(self, lang: Lang) -> str:
        """What may be shown to the student."""
        raise NotImplementedError


class StudentError(StudentFailure):
    """It raised an exception: `kind` is its type, `text` its cleaned traceback, or our sentence in its place."""

    def __init__(self, text: str = "", kind: str = "Error") -> None:
        self.kind, self.text = kind, text
        super().__init__(f"{kind}: {text}" if text else kind)

    def said(self, lang: Lang) -> str:
        """The student's own words stay as they are."""
        return self.text


class _Ended(StudentFailure):
    """It gave no answer for a reason that the grader puts into words."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(f"{self.kind}: {reason.said('en')}")

    def said(self, lang: Lang) -> str:
        """The reason in the reader's language."""
        return self.reason.said(lang)


class StudentTimeout(_Ended):
    """It did not answer in time, or used up its processor time."""

    kind = "Timeout"


class StudentCrashed(_Ended):
    """Its process ended, was killed for a limit, or sent nonsense."""

    kind = "Crashed"
