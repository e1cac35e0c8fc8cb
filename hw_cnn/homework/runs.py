"""What an IPython kernel has run since this library was imported: `hw_cnn.check` compares it with what is live.

A kernel keeps the texts that it ran, but not from which cells they came, when, and whether they ran to their end.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from typing import Any

KEPT_AS = "hw_cnn_runs"


@dataclass
class Run:
    """One execution of a cell.

    cell: the id of the cell, where the program that shows the notebook tells it. failed: None while it runs.
    """

    cell: str | None
    started: float = field(default_factory=time.time)
    failed: bool | None = None


@dataclass
class Runs:
    """done: by count, `In[7]` as 7. running: the cell that runs, and in it what that runs itself."""

    done: dict[int, Run] = field(default_factory=dict)
    running: list[Run] = field(default_factory=list)


def record() -> None:
    """From now on keep what is run, if this process is a kernel."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    if shell is None or hasattr(shell, KEPT_AS):
        return
    runs = Runs(running=[Run(_current_cell(shell))])

    def before(info: Any) -> None:
        runs.running.append(Run(getattr(info, "cell_id", None) or _current_cell(shell)))

    def after(result: Any) -> None:
        if runs.running:
            run = runs.running.pop()
            run.failed = not result.success
            if result.execution_count is not None:
                runs.done[result.execution_count] = run

    setattr(shell, KEPT_AS, runs)
    shell.events.register("pre_run_cell", before)
    shell.events.register("post_run_cell", after)


def _current_cell(shell: Any) -> str | None:
    """The id in the request that the kernel answers. A shell in a terminal has no requests."""
    parent = shell.get_parent() if hasattr(shell, "get_parent") else {}
    cell = (parent.get("metadata") or {}).get("cellId")
    return cell if isinstance(cell, str) else None
