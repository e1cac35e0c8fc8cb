"""What is the same for all submissions of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from autograder.course.manifest import Manifest
from autograder.results.grade import SandboxReport
from autograder.text import Lang


@dataclass(frozen=True)
class Settings:
    """The assignment and the circumstances that a grade is given under.

    Args:
        edition: files of the student edition, by path.
        key: the course key.
        device: "cpu" or "cuda", where students' code computes.
        checkpoint: weights of the reference, where the assignment asks for weights.
        examples: whether failed tests are repeated with other numbers, to be shown.
    """

    manifest: Manifest
    edition: Mapping[str, bytes]
    key: bytes
    lang: Lang
    device: str
    sandbox: SandboxReport
    versions: Mapping[str, str]
    grader_sha256: str
    environment_sha256: str
    checkpoint: bytes | None = None
    examples: bool = True
