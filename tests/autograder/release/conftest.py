"""The seminar as the tests of releases use it: two of its tasks, and its whole bundle."""

from __future__ import annotations

import pytest

from autograder.course.assignment import Assignment, find_assignment
from autograder.course.edition import edition
from autograder.course.manifest import Manifest
from autograder.release.bundle import bundle_files
from tests.autograder.release.support import ROOT, SEMINAR, two_tasks


@pytest.fixture(scope="module")
def manifest() -> Manifest:
    return two_tasks()


@pytest.fixture(scope="module")
def edition_files(manifest: Manifest) -> dict[str, bytes]:
    return edition([manifest], manifest.name, ROOT)


@pytest.fixture(scope="session")
def seminar() -> Assignment:
    return find_assignment(str(SEMINAR))


@pytest.fixture(scope="session")
def files(seminar: Assignment) -> dict[str, bytes]:
    return bundle_files(seminar, "ru")
