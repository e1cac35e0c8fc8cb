"""`marked_texts.json`: for which text each mark was given, so that staff learn where the text has changed since.

A digest of the text is kept when a mark is first seen. A mark with other points or another remark is a new one; a line
that is taken out of `manual.csv` is forgotten.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from autograder.errors import UsageError
from autograder.results.marks import Mark
from autograder.text import Value

TEXTS_NAME = "marked_texts.json"

Key = tuple[str, str, str, str, float, str]
Texts = Mapping[Key, str]
"""A mark -> the digest of the text that it was given for."""


class MarkedText(Value):
    """A mark as it stands in `manual.csv`, and the digest of the text that it was given for."""

    student: str
    task: str
    row: str
    by: str
    points: float
    remark: str
    sha256: str


LIST = TypeAdapter(tuple[MarkedText, ...])


def key_of(mark: Mark) -> Key:
    """What makes two marks the same one, wherever its line stands."""
    return (mark.student, mark.task, mark.row, mark.by.casefold(), mark.points, mark.remark)


def digest(text: str) -> str:
    """Of a text; how its lines are broken makes no difference."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()


def read_texts(folder: Path) -> dict[Key, str]:
    """Those of a folder of results; none where there is no file. Raises: UsageError."""
    path = folder / TEXTS_NAME
    try:
        stored = LIST.validate_json(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValidationError) as error:
        raise UsageError(
            f"{path} cannot be read: take it from a backup, or remove it; no mark is lost, but where a text had "
            "changed after its mark is then no longer told"
        ) from error
    return {(one.student, one.task, one.row, one.by, one.points, one.remark): one.sha256 for one in stored}


def texts_json(texts: Texts) -> bytes:
    """The content of the file."""
    names = ("student", "task", "row", "by", "points", "remark")
    lines = tuple(
        MarkedText.model_validate({**dict(zip(names, key, strict=True)), "sha256": found})
        for key, found in sorted(texts.items())
    )
    return LIST.dump_json(lines, indent=2) + b"\n"
