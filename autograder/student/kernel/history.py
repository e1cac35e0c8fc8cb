"""The cells that a kernel has run, and those that the saved notebook holds."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.intake.encodings import decode
from hw_cnn.homework.runs import KEPT_AS, Runs

SUFFIX = ".ipynb"
# Set by Jupyter's server and by VS Code for the kernel of a notebook; Colab and others say nothing.
SESSION_NAME, VS_CODE_NAME = "JPY_SESSION_NAME", "__vsc_ipynb_file__"


@dataclass(frozen=True)
class Executed:
    """An execution. source: as plain Python. cell, started, failed: of `Run`; None where nobody recorded them."""

    count: int
    raw: str
    source: str
    cell: str | None = None
    started: float | None = None
    failed: bool | None = None


@dataclass(frozen=True)
class SavedCell:
    """A code cell of the notebook's file. grade_id: nbgrader's name of it, "F1-test" for a check."""

    id: str
    grade_id: str
    raw: str
    source: str


@dataclass(frozen=True)
class Saved:
    """The notebook's file, and when it was saved."""

    cells: tuple[SavedCell, ...]
    saved: float


def kernel_shell() -> Any | None:
    """The shell of the kernel in which this code runs, or None."""
    ipython = sys.modules.get("IPython")
    return None if ipython is None else ipython.get_ipython()


def executions(shell: Any) -> list[Executed]:
    """Everything that the kernel has run, the cell that runs now included."""
    raw, parsed = shell.history_manager.input_hist_raw, shell.history_manager.input_hist_parsed
    recorded: Runs = getattr(shell, KEPT_AS, Runs())
    now = len(parsed) - 1
    found = []
    for count in range(1, now + 1):
        run = recorded.done.get(count)
        if count == now and recorded.running:
            run = recorded.running[0]
        if run is None:
            found.append(Executed(count, raw[count], parsed[count]))
        else:
            found.append(Executed(count, raw[count], parsed[count], run.cell, run.started, run.failed))
    return found


def saved_notebook(shell: Any) -> Saved | None:
    """The notebook's file where the kernel is told its name."""
    name = shell.user_ns.get(VS_CODE_NAME) or os.environ.get(SESSION_NAME)
    if not isinstance(name, str) or not name.endswith(SUFFIX):
        return None
    path = Path(name)
    try:
        saved = path.stat().st_mtime
        cells = json.loads(decode(path.read_bytes()))["cells"]
        return Saved(tuple(_code_cells(cells, shell)), saved)
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None  # renamed since, or no notebook: what is not known is not compared


def _code_cells(cells: Any, shell: Any) -> Iterator[SavedCell]:
    for cell in cells:
        if cell["cell_type"] == "code":
            source = cell["source"]
            raw = source if isinstance(source, str) else "".join(source)
            metadata = cell.get("metadata") or {}
            name = str(cell.get("id") or metadata.get("id") or "")
            grade_id = str((metadata.get("nbgrader") or {}).get("grade_id") or name)
            yield SavedCell(name, grade_id, raw, shell.transform_cell(raw))
