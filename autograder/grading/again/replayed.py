"""What came of running one hidden test again: values without torch, for terminals and pages. For staff only."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.grids.grid import Grid


@dataclass(frozen=True)
class Request:
    """One request of the test to the student's code.

    Args:
        call: as one would write it.
        differs: whether the reference answers otherwise; None where it was not asked the same.
        inputs: the tensors that went in.
        answers: got and expected, side by side, what differs marked.
        difference: got minus expected, where both are tensors of one shape.
        got, expected: in words, what is no array: an exception, a number of another kind.
        size: the largest difference, None where there is none to tell.
    """

    call: str
    differs: bool | None
    inputs: tuple[Grid, ...] = ()
    answers: tuple[Grid, ...] = ()
    difference: tuple[Grid, ...] = ()
    got: str = ""
    expected: str = ""
    size: float | None = None


@dataclass(frozen=True)
class Replayed:
    """Args:
    end: how the test ended with the student's code, "" where it passed.
    is_whole: whether all requests are there; a training on a data set is not kept.
    """

    student: str
    test: str
    end: str
    requests: tuple[Request, ...]
    is_whole: bool
    changed: bool

    @property
    def shown(self) -> Request | None:
        """The request that explains the end best: the first that was answered wrongly, else the last."""
        wrong = [request for request in self.requests if request.differs]
        return wrong[0] if wrong else self.requests[-1] if self.requests else None
