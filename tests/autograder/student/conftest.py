"""A bundle of the seminar, and the code that solves it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from autograder.course.assignment import Assignment, find_assignment
from autograder.course.edition import read_package
from autograder.release.bundle import release
from autograder.validation.solved_notebook import solution_sources
from tests.autograder.student.support import ROOT, SEMINAR


@pytest.fixture(scope="session")
def seminar() -> Assignment:
    return find_assignment(str(SEMINAR))


@pytest.fixture(scope="session")
def sources(seminar: Assignment) -> dict[str, str]:
    """Task -> the reference's code for its cell."""
    return solution_sources(seminar.manifest, read_package(ROOT), seminar.edition)


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An English bundle of the real assignment."""
    out = tmp_path_factory.mktemp("released") / "work"
    release(SEMINAR, out, "en")
    return out


@pytest.fixture
def bundle(released: Path, tmp_path: Path) -> Path:
    """A fresh copy of it."""
    shutil.copytree(released, tmp_path / "work")
    return tmp_path / "work"
