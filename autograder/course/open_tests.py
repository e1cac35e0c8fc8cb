"""Which hidden tests are open: the public tests catch every planted bug that they catch.

`validate` computes it and stores it beside the manifest with a digest of all that it follows from. A list that was made
for other tests or other bugs is not believed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from pathlib import Path

from pydantic import ValidationError

from autograder.course.manifest import Manifest, TestId
from autograder.course.variants import VARIANTS_NAME, known_variants
from autograder.errors import UsageError
from autograder.text import Value

OPEN_NAME = "open_tests.json"
FOLDERS = ("hidden", "public", "wrong")


class OpenTests(Value):
    """`open_tests.json`. made_from: see `made_from`; open: ids of hidden tests."""

    made_from: str
    open: tuple[TestId, ...]


def made_from(folder: Path) -> str:
    """SHA-256 (hex) of what decides which hidden tests are open: tests and variants, not the sentences about them."""
    digest = hashlib.sha256()
    for name in FOLDERS:
        for path in sorted((folder / name).rglob("*")):
            if path.is_file() and not _is_aside(path):
                digest.update(f"{path.relative_to(folder).as_posix()}\0".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    for variant in known_variants(folder):
        kept = variant.model_dump_json(include={"id", "task", "kind", "checkpoint", "only"})
        digest.update(f"{kept}\0".encode())
    return digest.hexdigest()


def _is_aside(path: Path) -> bool:
    """What decides nothing, or is read as values."""
    return path.name == VARIANTS_NAME or path.name.startswith(".") or "__pycache__" in path.parts


def stored_open_tests(folder: Path) -> OpenTests | None:
    """What is stored, for whatever tests it was made; None where nothing is. Raises: UsageError."""
    path = folder / OPEN_NAME
    if not path.is_file():
        return None
    try:
        return OpenTests.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise UsageError(
            f"{path} is damaged; remove it, or let `validate --store-open` write it again"
        ) from error


def is_current(stored: OpenTests, folder: Path) -> bool:
    """Whether it was made for these tests and these variants."""
    return stored.made_from == made_from(folder)


def store_open_tests(folder: Path, tests: Collection[str]) -> Path:
    """Write the file; its path."""
    path = folder / OPEN_NAME
    data = {"made_from": made_from(folder), "open": sorted(tests)}
    path.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    return path


def open_points(manifest: Manifest, tests: Collection[str]) -> Mapping[str, float]:
    """Task -> points of those of its hidden tests that are open; tasks without tests are left out."""
    return {
        task.id: round(sum(test.points for test in task.tests if test.id in tests), 6)
        for task in manifest.tested
    }


def known_open_points(folder: Path, manifest: Manifest) -> Mapping[str, float] | None:
    """The same from the file; None where it is missing, or older than the tests. Raises: UsageError."""
    stored = stored_open_tests(folder)
    return open_points(manifest, stored.open) if stored is not None and is_current(stored, folder) else None
