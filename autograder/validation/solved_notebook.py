"""The released notebook with solutions pasted into it: how a student's complete work looks."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from copy import deepcopy

from autograder.course.manifest import Manifest
from autograder.course.source_edit import bound_names, parse_module, rename
from autograder.errors import UsageError
from autograder.release.cell_source import task_source
from autograder.release.notebook import Notebook


def solution_sources(
    manifest: Manifest, reference: Mapping[str, bytes], edition: Mapping[str, bytes]
) -> dict[str, str]:
    """Task -> the reference's code for its solution cell, helpers and imports included.

    A notebook is one namespace: helpers of the same name in several modules of the reference get the task's id.

    reference, edition: files as `edition.read_package` and `edition.edition` give them.
    """
    sources = {task.id: task_source(task, reference, edition) for task in manifest.tested}
    symbols = {symbol.name for task in manifest.tasks for symbol in task.tops}
    helpers = {task: _defined(source) - symbols for task, source in sources.items()}
    for task, source in sources.items():
        others = set().union(*(names for other, names in helpers.items() if other != task))
        sources[task] = rename(source, {name: f"{name}_{task}" for name in helpers[task] & others})
    return sources


def _defined(source: str) -> set[str]:
    """Names that a cell defines itself, imports left out."""
    body = [node for node in parse_module(source).body if not isinstance(node, ast.Import | ast.ImportFrom)]
    return bound_names(ast.Module(body, []))


def fill_solutions(notebook: Notebook, sources: Mapping[str, str]) -> Notebook:
    """A copy with code pasted into solution cells (task id -> code); imports that the cell begins with
    stay.
    """
    filled = deepcopy(notebook)
    cells = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in filled.cells}
    for task, source in sources.items():
        if task not in cells:
            raise UsageError(f"the notebook has no solution cell {task!r}")
        known = set(source.split("\n"))
        head = re.split(r"^(?:@|def |class |async def )", cells[task].source, maxsplit=1, flags=re.MULTILINE)[
            0
        ]
        imports = [line for line in head.split("\n") if line.strip() and line not in known]
        cells[task].source = "\n".join([*imports, source.strip("\n")])
        cells[task].outputs = []
        cells[task].execution_count = None
    return filled
