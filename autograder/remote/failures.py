"""How a student's code can give no answer."""

from __future__ import annotations

from autograder.text import Lang, Text
from autograder.wire.reasons import Reason


class StudentFailure(Exception):  # noqa: N818 -- says what happened, no mistake of ours
    """A student's code gave no answer. `kind` names what happened."""

    kind = "Failure"

    def said(self, lang: Lang) -> str:
        """What may be shown to the student."""
        raise NotImplementedError


class StudentError(StudentFailure):
    """It raised an exception: `kind` is its type, `text` its cleaned traceback, or our sentence in its place.

    Attributes:
        name: the name, module or file that was not there, "" for other exceptions.
        line: of the student's code where it happened, 0 where it is not known.
        cause: the true reason in both languages, None where the exception itself says enough.
    """

    def __init__(
        self, text: str = "", kind: str = "Error", *, name: str = "", line: int = 0, cause: Text | None = None
    ) -> None:
        self.kind, self.text, self.name, self.line, self.cause = kind, text, name, line, cause
        super().__init__(f"{kind}: {text}" if text else kind)

    def said(self, lang: Lang) -> str:
        """The true reason, else the student's own words as they are."""
        return self.text if self.cause is None else self.cause.get(lang)

    def because(self, cause: Text) -> StudentError:
        """The same with its true reason."""
        return StudentError(self.text, self.kind, name=self.name, line=self.line, cause=cause)


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
