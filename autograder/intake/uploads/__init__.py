"""What a student handed in (folder, archive, one file) as a checked tree of bytes in memory.

Nothing is written to disk and nothing is followed: hostile uploads are refused with one sentence, honest
oddities of LMS, macOS and Windows archives pass.
"""

from __future__ import annotations

from autograder.intake.uploads.names import IGNORED_FOLDERS, printable
from autograder.intake.uploads.refusals import MAX_ENTRIES
from autograder.intake.uploads.rejection import Rejected
from autograder.intake.uploads.taking import (
    ARCHIVES,
    FOREIGN_ARCHIVES,
    digest,
    foreign,
    is_archive,
    take,
    take_archive,
    take_zip,
)

__all__ = [
    "ARCHIVES",
    "FOREIGN_ARCHIVES",
    "IGNORED_FOLDERS",
    "MAX_ENTRIES",
    "Rejected",
    "digest",
    "foreign",
    "is_archive",
    "printable",
    "take",
    "take_archive",
    "take_zip",
]
