"""Sections of a handout: each begins with a heading `## ...`; where a part of the tasks is chosen, the others' go."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from autograder.errors import UsageError

HEADING = "## "

Cell = Any  # jupytext's cells are nbformat.NotebookNode, which is not typed


def sections_of(cells: Iterable[Cell]) -> Iterator[list[Cell]]:
    """The cells of one language, parted before each heading; what stands before the first one is a section, too."""
    section: list[Cell] = []
    for cell in cells:
        if cell.cell_type == "markdown" and cell.source.startswith(HEADING) and section:
            yield section
            section = []
        section.append(cell)
    if section:
        yield section


def asked_of(cells: Iterable[Cell], chosen: Sequence[str]) -> list[Cell]:
    """What stays of a handout where only the tasks `chosen` are asked: their sections, and those without a task.

    Raises: UsageError for a section with a task that is asked and one that is not.
    """
    kept: list[Cell] = []
    for section in sections_of(cells):
        tasks = list(dict.fromkeys(task for cell in section if (task := cell.metadata.get("task"))))
        asked = [task for task in tasks if task in chosen]
        if asked and asked != tasks:
            other = next(task for task in tasks if task not in chosen)
            raise UsageError(
                f"the section {section[0].source.splitlines()[0]!r} of the handout asks {asked[0]}, which is chosen, "
                f"and {other}, which is not; begin the section of each task with a heading `{HEADING}...`"
            )
        if asked or not tasks:
            kept += section
    return kept


def cells_that_use(cells: Iterable[Cell], names: Mapping[str, str]) -> list[tuple[str, str]]:
    """(name, its task) of every function or class that a code cell calls by its bare name, of those in `names`."""
    used: dict[tuple[str, str], None] = {}
    for cell in cells:
        if cell.cell_type == "code":
            used |= dict.fromkeys((name, names[name]) for name in _read(cell.source) if name in names)
    return list(used)


def _read(source: str) -> Iterator[str]:
    # A cell with a magic is no Python, and is not looked at.
    with contextlib.suppress(SyntaxError):
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Name):
                yield node.id
