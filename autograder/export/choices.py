"""What the command line may choose; it imports nothing, so that other commands start fast."""

from __future__ import annotations

from enum import StrEnum


class Format(StrEnum):
    """What a file is for."""

    csv = "csv"
    xlsx = "xlsx"
    json = "json"
    moodle = "moodle"
    canvas = "canvas"
    nbgrader = "nbgrader"
    feedback = "feedback"


class Late(StrEnum):
    """Whether lateness is taken off here, or left to the platform."""

    applied = "applied"
    raw = "raw"
