"""The file `results.json` that Gradescope reads, as its specification documents it; no leaderboard is ever written.

Source: https://gradescope-autograders.readthedocs.io/en/latest/specs/
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from autograder.text import Value

Visibility = Literal["hidden", "after_due_date", "after_published", "visible"]
Format = Literal["text", "html", "simple_format", "md", "ansi"]
Points = Annotated[float, Field(ge=0, allow_inf_nan=False)]
UnixText = Annotated[str, Field(pattern=r"^[^\r]*$")]


class PlatformTest(Value):
    """One box of the page. Without points it says something and is worth nothing; then it needs a status."""

    name: UnixText
    score: Points | None = None
    max_score: Points | None = None
    status: Literal["passed", "failed"] | None = None
    output: UnixText = ""
    output_format: Format = "text"
    visibility: Visibility = "visible"

    @model_validator(mode="after")
    def _says_how_it_went(self) -> PlatformTest:
        if self.score is None and self.status is None:
            raise ValueError("a test without a score needs a status")
        return self


class Results(Value):
    """All of it. Without a `score` nothing was judged, and no test has points, either.

    execution_time: seconds. output_format: given always, since the platform's own choice reads HTML.
    stdout_visibility: what the run prints is for staff.
    """

    score: Points | None = None
    execution_time: Points = 0.0
    output: UnixText = ""
    output_format: Format = "text"
    test_output_format: Format = "text"
    test_name_format: Format = "text"
    visibility: Visibility = "visible"
    stdout_visibility: Visibility = "hidden"
    extra_data: dict[str, str] = Field(default_factory=dict)
    tests: tuple[PlatformTest, ...] = ()

    @model_validator(mode="after")
    def _has_something(self) -> Results:
        if self.score is None and not self.tests:
            raise ValueError("the platform refuses results with neither a score nor tests")
        return self

    def to_json(self) -> bytes:
        """The file's content; what is not said is left out."""
        return self.model_dump_json(indent=1, exclude_none=True).encode() + b"\n"
