"""A submission that is done with, as it is reported while others are still under way."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.results.grade import Grade


@dataclass(frozen=True)
class Finished:
    """Its grade, whether that was kept from an earlier run, and what the grader failed at."""

    grade: Grade
    kept: bool
    failure: str = ""
