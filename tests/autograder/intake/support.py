"""Files of one student, read or refused, for the tests of hostile ones."""

from __future__ import annotations

from pathlib import Path

from autograder.intake.students import Upload
from autograder.intake.submission import Submission, read_tree
from autograder.intake.uploads.rejection import Rejected
from tests.autograder.intake_support import EDITION, manifest, one_sentence


def take(**files: bytes) -> Submission | None:
    """The submission, None for a refusal; anything else ends the test."""
    names = {"nb": "small.ipynb", "py": "solution.py", "stamp": "timestamp.txt", "one": "hw_cnn/one.py"}
    try:
        return read_tree(
            Upload("s", Path("s")), {names[key]: data for key, data in files.items()}, manifest(), EDITION
        )
    except Rejected as rejection:
        one_sentence(rejection)
        return None
