"""`nbgrader validate` on what students get: the stub fails, the solution passes, a wrong library is named."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.autograder.grading_support import ROOT
from tests.evening.sixty import RIGHT
from tests.nbgrader.support import autograder, nbgrader
from tests.nbgrader.test_source import PLAIN_CONFIG
from tests.nbgrader.thirty import NAME, filled

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]
NOTEBOOK = f"{NAME}.ipynb"
TIMES = "c.Execute.timeout = 600\nc.Execute.iopub_timeout = 60\n"


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The task J1 alone, generated with default settings."""
    course = tmp_path_factory.mktemp("course")
    (course / "nbgrader_config.py").write_text(PLAIN_CONFIG, encoding="utf-8")
    (course / "source").mkdir()
    words = ("release", NAME, "--tasks", "J1", "--lang", "en", "--out", str(course / "source" / NAME))
    autograder(ROOT, *words)
    nbgrader(course, "generate_assignment", NAME, "--create")
    return course / "release" / NAME


@pytest.fixture
def work(released: Path, tmp_path: Path) -> Path:
    """A student's copy, with the time that the page of nbgrader asks for."""
    copied = Path(shutil.copytree(released, tmp_path / NAME))
    (copied / "nbgrader_config.py").write_text(f"c = get_config()\n{TIMES}", encoding="utf-8")
    return copied


def solve(work: Path) -> None:
    notebook = json.loads((work / NOTEBOOK).read_text(encoding="utf-8"))
    (work / NOTEBOOK).write_text(json.dumps(filled(notebook, RIGHT, {})), encoding="utf-8")


def test_the_stub_fails(work: Path):
    said = nbgrader(work, "validate", NOTEBOOK)
    assert "VALIDATION FAILED ON 1 CELL(S)!" in said
    assert "J1: not written yet" in said


def test_a_solution_passes(work: Path):
    solve(work)
    assert "Success! Your notebook passes all the tests." in nbgrader(work, "validate", NOTEBOOK)


def test_the_library_of_staff_is_named(work: Path):
    solve(work)
    shutil.rmtree(work / "hw_cnn")
    said = nbgrader(work, "validate", NOTEBOOK, env={"PYTHONPATH": str(ROOT)})
    assert "Success" not in said
    assert "hw_cnn" in said.partition("The error was:")[2]
    assert f"{ROOT}/hw_cnn" in said
