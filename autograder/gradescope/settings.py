"""What the zip says of its own run, and where things lie in Gradescope's container."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from autograder.errors import UsageError
from autograder.text import Lang, Value

SETTINGS_NAME, KEY_NAME = "settings.json", "course.key"
OWN, COURSE = "assignments", "course"
"""Folders of the zip: the assignments that came with the package, and those of another course."""
FINAL_S = 60.0
"""Of the platform's time, so much is left for start and end of the run."""


class Settings(Value):
    """What whoever made the zip has decided.

    Args:
        assignment: its folder, below the zip's root.
        tasks: ids of a part of it; empty for all.
        minutes: the timeout that is set in Gradescope.
        require_tier: the least protection.
        trusted_code: grade without protection, too.
    """

    assignment: str
    tasks: tuple[str, ...] = ()
    lang: Lang = "ru"
    visibility: Literal["after_due_date", "after_published", "visible"] = "visible"
    minutes: int = Field(default=10, ge=2, le=40)
    require_tier: Literal["A", "A-", "B"] | None = None
    trusted_code: bool = False

    @property
    def submission_s(self) -> float:
        """What one submission may take, so that the run ends before the platform ends it."""
        return 60.0 * self.minutes - FINAL_S


@dataclass(frozen=True)
class Home:
    """The documented folders, below `root` (/autograder)."""

    root: Path

    @property
    def source(self) -> Path:
        return self.root / "source"

    @property
    def submission(self) -> Path:
        return self.root / "submission"

    @property
    def metadata(self) -> Path:
        return self.root / "submission_metadata.json"

    @property
    def results(self) -> Path:
        return self.root / "results" / "results.json"

    def settings(self) -> Settings:
        """Raises: UsageError: the zip is damaged."""
        path = self.source / SETTINGS_NAME
        try:
            return Settings.model_validate_json(path.read_bytes())
        except (OSError, ValidationError) as error:
            raise UsageError(
                f"{path} is missing or damaged: make the zip again with `autograder bundle-gradescope`"
            ) from error
