"""The notebooks as students get them, run from top to bottom in a real kernel with nothing written."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.course.assignment import list_assignments
from autograder.course.manifest import load_manifest
from autograder.release.bundle import release
from tests.assignments.support import COURSE

pytestmark = pytest.mark.slow
NAMES = [
    name if name == "seminar_cnn" else pytest.param(name, marks=pytest.mark.nightly)
    for name in list_assignments(COURSE)
]
# No errors are allowed but in cells that say so themselves, as Jupyter's "run all" does it.
EXECUTE = """
import sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, timeout=300, resources={"metadata": {"path": "."}}).execute()
for cell in notebook.cells:
    for output in cell.get("outputs", []):
        if output.output_type == "error":
            print(output.ename, *output.traceback, sep="\t")
            # Blank axes under the sentence would look broken.
            drawn = [one.output_type for one in cell.outputs if one.output_type == "display_data"]
            assert not drawn, cell.source
"""
# What such a cell shows, without a traceback.
SENTENCES = {
    "CheckFailed": r"({tasks}): not written yet \(.*\)",
    "NotImplementedError": r"This cell needs task ({tasks}), which is not written yet\.",
    "NameError": r"This cell needs the name \w+: a cell above makes it with task ({tasks})\. Write .*\.",
}


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_notebook_comes_to_its_end_and_says_what_is_not_written(name: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    release(COURSE / name, out, "en")
    done = subprocess.run(
        [sys.executable, "-c", EXECUTE, f"{name}.ipynb"],
        cwd=out, env={**os.environ, "PYTHONPATH": str(out)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    errors = [line.split("\t", maxsplit=1) for line in done.stdout.splitlines()]
    tested = load_manifest(COURSE / name).tested
    # Each error is one sentence that names a task of this notebook: one of another assignment would never be written.
    tasks = "|".join(task.id for task in tested)
    for kind, text in errors:
        assert re.fullmatch(SENTENCES[kind].format(tasks=tasks), text), text
    said = [text for kind, text in errors if kind == "CheckFailed"]
    for task in tested:
        assert any(text.startswith(f"{task.id}: not written yet") for text in said), said
