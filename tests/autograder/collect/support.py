"""Downloads as platforms make them, for the tests of `collect`."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

from autograder.collect.collecting import Options, Outcome, collect
from autograder.roster.collected import Collected


def zipped(path: Path, files: Mapping[str, str | bytes]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def laid_out(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder


def tree(folder: Path) -> dict[str, str]:
    """What lies in a folder of submissions, but for the list."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != "_collected.csv")
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in files}


def collected(source: Path, out: Path, **options: object) -> Outcome:
    return collect(source, out, Options(**options))  # type: ignore[arg-type]


def fates(rows: tuple[Collected, ...]) -> dict[str, str]:
    return {row.source.partition("/")[2]: row.fate for row in rows}
