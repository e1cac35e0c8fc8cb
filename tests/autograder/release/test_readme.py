"""README and project file of a bundle: how to begin, its commands, and a dependency for each import."""

from __future__ import annotations

import ast
import itertools
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from autograder.course.assignment import find_assignment
from autograder.course.manifest import Manifest
from autograder.course.public import Grader
from autograder.release.bundle import release_assignment
from autograder.release.grader import grader
from autograder.release.readme import readme
from autograder.text import Lang
from tests.autograder.release.support import ROOT


@pytest.mark.parametrize("lang", ["ru", "en"])
def test_the_readme_says_how_to_begin(manifest: Manifest, lang: Lang) -> None:
    text = readme(manifest, lang, Grader(python="3.12", packages=("numpy", "torch", "zmq"))).decode()
    for told in (
        "Python 3.12", "`torch`, `numpy`", "pip install -e seminar_cnn jupyterlab", "Python 3 (ipykernel)", "Windows",
        "macOS", "CPU", "/content/drive/MyDrive/seminar_cnn", "!unzip -n seminar_cnn.zip", "hw-cnn check K2 --watch",
        "hw-cnn submit",
    ):  # fmt: skip
        assert told in text
    assert "zmq" not in text
    assert "{" not in text
    assert "3.13" in readme(manifest.model_copy(update={"python": "3.13"}), lang, grader()).decode()


@pytest.mark.parametrize("lang", ["ru", "en"])
def test_a_dash_between_clauses_is_no_bullet(manifest: Manifest, lang: Lang) -> None:
    lines = readme(manifest, lang, grader()).decode().split("\n")
    bullets = [
        line
        for before, line in itertools.pairwise(lines)
        if line.startswith("- ") and before and before[0] not in "- "
    ]
    assert bullets == []


def test_the_distribution(files: dict[str, bytes]) -> None:
    project = tomllib.loads(files["pyproject.toml"].decode())["project"]
    own = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["name"] == "hw-cnn-student"
    assert project["entry-points"] == own["entry-points"]
    assert project["scripts"] == {"hw-cnn": own["scripts"]["hw-cnn"]}
    names = {item.split(">")[0].split("[")[0] for item in project["dependencies"]}
    assert "nbgrader" not in names
    assert "torch>=2.4" in project["dependencies"]


def test_every_import_of_the_bundle_is_a_dependency(files: dict[str, bytes]) -> None:
    project = tomllib.loads(files["pyproject.toml"].decode())["project"]
    items = itertools.chain(project["dependencies"], *project["optional-dependencies"].values())
    known = {item.split(">")[0].split("[")[0] for item in items}
    imported_as = {"pillow": "PIL", "pyyaml": "yaml"}
    known = {imported_as.get(name, name.replace("-", "_")) for name in known}
    known |= {"hw_cnn", "autograder", "IPython", *sys.stdlib_module_names}
    everything = set()
    for name, data in files.items():
        if name.endswith(".py"):
            for node in ast.walk(ast.parse(data)):
                modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                modules += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
                found = {module.split(".")[0] for module in modules}
                assert found <= known, name
                everything |= found
    assert {"torch", "lightning", "hw_cnn", "autograder"} <= everything


def test_two_parts_of_an_assignment_lie_side_by_side(manifest: Manifest, tmp_path: Path) -> None:
    """Unpacked into one folder, the second would replace the notebook with the work of the first."""
    folders = []
    for chosen in ("B1,C1", "F1,D2"):
        part = find_assignment("seminar_cnn", ROOT / "assignments", chosen)
        release_assignment(part, tmp_path / f"{chosen}.zip", "en")
        with zipfile.ZipFile(tmp_path / f"{chosen}.zip") as archive:
            tops = {name.partition("/")[0] for name in archive.namelist()}
            (folder,) = tops
            text = archive.read(f"{folder}/README.md").decode()
        folders.append(folder)
        assert f"pip install -e {folder} jupyterlab" in text
        assert f"unzip -n {folder}.zip" in text
        assert f"`{manifest.name}.ipynb`" in text
    assert folders == ["seminar_cnn-B1-C1", "seminar_cnn-D2-F1"]
