"""nbgrader's own commands in a real course."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.autograder.grading_support import AUTOGRADER, ENV

COMMANDS = {**ENV, "PATH": f"{AUTOGRADER.parent}{os.pathsep}{os.environ['PATH']}"}


def run(folder: Path, *words: str, code: int = 0, env: dict[str, str] | None = None) -> str:
    """A command in a folder; all that it says."""
    done = subprocess.run(
        words,
        cwd=folder,
        env={**COMMANDS, **(env or {})},
        capture_output=True,
        text=True,
        timeout=1500,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode == code, f"{words}\n{said}"
    return said


def autograder(folder: Path, *words: str, code: int = 0) -> str:
    return run(folder, "autograder", *words, code=code)


def nbgrader(folder: Path, *words: str, code: int = 0, env: dict[str, str] | None = None) -> str:
    return run(folder, "nbgrader", *words, code=code, env=env)


@contextmanager
def gradebook(course: Path) -> Iterator[Any]:
    """The gradebook by nbgrader's own interface."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as opened:
        yield opened


def totals(course: Path, assignment: str) -> dict[str, float]:
    """Student -> the total as `nbgrader export` counts it; only who has a submission."""
    with gradebook(course) as opened:
        return {
            one.student.id: max(0.0, one.score - one.late_submission_penalty)
            for one in opened.assignment_submissions(assignment)
        }


def cells(path: Path) -> dict[str, dict[str, Any]]:
    """The cells of a notebook that nbgrader knows, by their id there."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    found = [cell for cell in notebook["cells"] if "nbgrader" in cell["metadata"]]
    for cell in found:
        cell["source"] = "".join(cell["source"])
    return {cell["metadata"]["nbgrader"]["grade_id"]: cell for cell in found}
