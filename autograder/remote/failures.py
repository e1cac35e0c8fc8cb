"""How a student's code can give no answer."""

from __future__ import annotations

import re

from autograder.text import Lang, Text
from autograder.wire.reasons import Reason

# A frame of a traceback, and a statement that raises by itself.
FRAME, RAISING = re.compile(r'  File "(.*)", line (\d+), in '), re.compile(r"(?:^|: )(?:raise|assert)\b")


class StudentFailure(Exception):  # noqa: N818 -- says what happened, no mistake of ours
    """A student's code gave no answer. `kind` names what happened.

    Attributes:
        of_call: a test had sent something to the worker before, which the words of this failure may carry; what fails
            while a submission is loaded has met no test.
    """

    kind = "Failure"
    of_call = False

    def said(self, lang: Lang) -> str:
        """What may be shown to the student."""
        raise NotImplementedError


class StudentError(StudentFailure):
    """It raised an exception: `kind` is its type, `text` its cleaned traceback, or our sentence in its place.

    Attributes:
        name: the name, module or file that was not there, "" for other exceptions.
        line: of the student's code where it happened, 0 where it is not known.
        at: file and line of the student's last call, ("", 0) where they are not known. All of this is a claim.
        cause: the true reason in both languages, None where the exception itself says enough.
        advice: what can be done about it, one of the grader's own sentences.
        message: the exception's own words; a claim, too, and never shown.
        during: "backward" where the call itself had ended, and its gradient was computed; else "".
    """

    def __init__(
        self,
        text: str = "",
        kind: str = "Error",
        *,
        name: str = "",
        line: int = 0,
        at: tuple[str, int] = ("", 0),
        cause: Text | None = None,
        advice: Text | None = None,
        message: str = "",
        during: str = "",
    ) -> None:
        self.message, self.during = message, during
        self.kind, self.text, self.name, self.line, self.at = kind, text, name, line, at
        self.cause, self.advice = cause, advice
        super().__init__(f"{kind}: {text}" if text else kind)

    def said(self, lang: Lang) -> str:
        """The true reason, else the student's own words as they are."""
        said = self.text if self.cause is None else self.cause.get(lang)
        return said if self.advice is None else f"{said}\n{self.advice.get(lang)}"

    @property
    def is_stated(self) -> bool:
        """Whether the student's code has raised it with `raise` or `assert`: the last line of the traceback says so."""
        lines = self.text.split("\n")
        frames = [(number, found) for number, line in enumerate(lines) if (found := FRAME.match(line))]
        if not frames or (frames[-1][1][1], int(frames[-1][1][2])) != self.at:
            return False
        return RAISING.search("".join(lines[frames[-1][0] + 1 :][:1]).strip()) is not None

    def because(self, cause: Text | None, advice: Text | None = None) -> StudentError:
        """The same with its true reason, and with advice."""
        return StudentError(
            self.text,
            self.kind,
            name=self.name,
            line=self.line,
            at=self.at,
            cause=cause,
            advice=advice,
            message=self.message,
            during=self.during,
        )


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
