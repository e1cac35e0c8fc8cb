"""A student's way through a local exchange: release, fetch, submit, collect, grade; and a course of two assignments."""

from __future__ import annotations

import getpass
import json
import shutil
from pathlib import Path

import pytest

from autograder.roster.collected import read_collected
from tests.autograder.grading_support import ROOT, results
from tests.evening.sixty import RIGHT
from tests.nbgrader.support import autograder, cells, nbgrader
from tests.nbgrader.thirty import NAME, filled

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(3600)]
OTHER = "convolution"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course, set up by our command, whose student has handed in through the exchange."""
    folder = tmp_path_factory.mktemp("exchange")
    exchange, course, home = folder / "exchange", folder / "cnn", folder / "home"
    exchange.mkdir()
    exchange.chmod(0o777)
    own = ("--lang", "en", "--assignments", str(ROOT / "assignments"))
    autograder(folder, "nbgrader-setup", "cnn", NAME, "--tasks", "J1,W", *own)
    said = autograder(folder, "nbgrader-setup", "cnn", OTHER, *own)
    assert f"the marks of {OTHER}, {NAME}" in said
    config = course / "nbgrader_config.py"
    config.write_text(
        config.read_text(encoding="utf-8") + f'c.Exchange.root = "{exchange}"\n', encoding="utf-8"
    )
    home.mkdir()
    shutil.copy(config, home)
    for name in (NAME, OTHER):
        nbgrader(course, "generate_assignment", name)
        nbgrader(course, "release_assignment", name)
        nbgrader(home, "fetch_assignment", name)
    path = home / NAME / f"{NAME}.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(filled(notebook, RIGHT, {"filter": "An edge."})), encoding="utf-8")
    for name in (NAME, OTHER):
        nbgrader(home, "submit", name)
        nbgrader(course, "collect", name)
    # Somebody who has handed in the other assignment alone.
    shutil.copytree(course / "submitted" / getpass.getuser() / OTHER, course / "submitted" / "boris" / OTHER)
    return course


def grade(course: Path, submissions: Path, out: Path) -> dict[str, dict[str, object]]:
    own = ("--assignments", str(ROOT / "assignments"), "--tasks", "J1,W", "--trusted-code", "--lang", "en")
    autograder(course, "grade", NAME, str(submissions), "--out", str(out), *own)
    return results(out)


def test_the_settings_load_ours_once(course: Path):
    text = (course / "nbgrader_config.py").read_text(encoding="utf-8")
    assert text.count('load_subconfig("autograder_config.py")') == 1


def test_what_was_fetched_is_what_was_generated(course: Path):
    path = Path(NAME) / f"{NAME}.ipynb"
    assert cells(course / "release" / path).keys() == cells(course.parent / "home" / path).keys()


def test_submitted_is_graded_as_it_is_with_its_time(course: Path, tmp_path: Path):
    graded = grade(course, course / "submitted", tmp_path / "out")
    student = getpass.getuser()
    assert graded.keys() == {student}
    stamp = (course / "submitted" / student / NAME / "timestamp.txt").read_text(encoding="utf-8")
    assert str(graded[student]["submitted_at"])[:19] == stamp[:19].replace(" ", "T")
    assert graded[student]["score"] == 4.0


def test_collected_it_is_the_same(course: Path, tmp_path: Path):
    words = (
        "collect",
        "--from",
        ".",
        "--out",
        str(tmp_path / "in"),
        "--layout",
        "nbgrader",
        "--assignment",
        NAME,
    )
    autograder(course, *words)
    (current,) = {row.student for row in read_collected(tmp_path / "in") if row.is_current}
    assert current == getpass.getuser()
    assert grade(course, tmp_path / "in", tmp_path / "out")[current]["score"] == 4.0
