"""The released notebook as a source of nbgrader: what `generate_assignment` makes of it, by its default settings."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from autograder.course.assignment import find_assignment
from autograder.course.manifest import Manifest
from autograder.course.rows import cell_id, without_placeholder
from autograder.gradebook.cells import graded_cells
from autograder.release.notebook import WRITE_HERE
from autograder.text import Lang
from tests.autograder.grading_support import ROOT
from tests.nbgrader.support import autograder, cells, gradebook, nbgrader

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]
NAMES = ("seminar_cnn", "convolution", "architectures", "inside_and_transfer")
PLAIN_CONFIG = 'c = get_config()\nc.CourseDirectory.course_id = "plain"\n'


# Each language and homework takes nbgrader some seconds; the Russian seminar is tried in each run.
@pytest.fixture(scope="module", params=["ru", pytest.param("en", marks=pytest.mark.nightly)])
def lang(request: pytest.FixtureRequest) -> Lang:
    return request.param


@pytest.fixture(scope="module")
def course(lang: Lang, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with all four assignments, generated."""
    folder = tmp_path_factory.mktemp("course")
    (folder / "nbgrader_config.py").write_text(PLAIN_CONFIG, encoding="utf-8")
    (folder / "source").mkdir()
    for name in NAMES:
        autograder(ROOT, "release", name, "--out", str(folder / "source" / name), "--lang", lang)
    nbgrader(folder, "generate_assignment", "*", "--create")
    return folder


@pytest.fixture(params=[NAMES[0], *(pytest.param(name, marks=pytest.mark.nightly) for name in NAMES[1:])])
def manifest(request: pytest.FixtureRequest) -> Manifest:
    return find_assignment(request.param, ROOT / "assignments").manifest


def released(course: Path, manifest: Manifest, step: str = "release") -> dict[str, dict[str, object]]:
    return cells(course / step / manifest.name / f"{manifest.name}.ipynb")


def outline(source: str) -> list[tuple[str, str, str | None]]:
    """Each function and method: name, signature, docstring."""
    return [
        (node.name, ast.unparse(node.args), ast.get_docstring(node))
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef)
    ]


def test_signatures_and_docstrings_stay(course: Path, manifest: Manifest, lang: Lang):
    before, after = released(course, manifest, "source"), released(course, manifest)
    for task in manifest.tested:
        source = str(after[task.id]["source"])
        assert outline(source) == outline(str(before[task.id]["source"]))
        assert outline(source)
        assert WRITE_HERE.get(lang) in source
        assert "SOLUTION" not in source
        names = {symbol.name.rpartition(".")[2] for symbol in task.symbols}
        written = {name for name, _, _ in outline(source)}
        assert names & written or any(f"class {name}" in source for name in names)


def test_the_init_of_k2_stays(course: Path):
    source = str(cells(course / "release" / "seminar_cnn" / "seminar_cnn.ipynb")["K2"]["source"])
    assert "self.val_accuracy = " in source
    assert "def predict_step" in source


def test_only_bodies_are_changed(course: Path, manifest: Manifest):
    before, after = released(course, manifest, "source"), released(course, manifest)
    assert list(before) == list(after)
    for name, cell in after.items():
        own = cell["metadata"]["nbgrader"]  # type: ignore[index]
        if not own["solution"]:
            assert cell["source"] == before[name]["source"]
        elif own["grade"]:
            assert without_placeholder(str(cell["source"])) == ""


def test_the_gradebook_has_the_points_of_the_manifest(course: Path, manifest: Manifest):
    with gradebook(course) as opened:
        known = {
            cell.name: cell.max_score
            for cell in opened.find_notebook(manifest.name, manifest.name).grade_cells
        }
        assert known == graded_cells(manifest)
        assert opened.find_assignment(manifest.name).max_score == pytest.approx(
            sum(task.points for task in manifest.tasks), abs=1e-9
        )


def test_check_cells_are_locked_and_answers_are_marked_by_people(course: Path, manifest: Manifest):
    after = released(course, manifest)
    for task in manifest.tested:
        check = after[f"{task.id}-test"]
        assert check["source"] == f'import hw_cnn\n\nhw_cnn.check("{task.id}")'
        assert check["metadata"]["editable"] is False  # type: ignore[index]
    for task in manifest.written:
        for row in task.rows:
            own = after[cell_id(task.id, row.id)]["metadata"]["nbgrader"]  # type: ignore[index]
            assert (own["grade"], own["solution"], own["points"]) == (True, True, row.points)
