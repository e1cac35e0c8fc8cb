"""The student bundle: complete, reproducible, and never written over somebody's work."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from autograder.course.assignment import Assignment, find_assignment
from autograder.course.edition import read_package
from autograder.course.public import load_public
from autograder.errors import UsageError
from autograder.release.bundle import MARKER, bundle_files, grader_files, imported_modules, release
from autograder.release.leaks import LeakError
from autograder.release.notebook import read_notebook, write_notebook
from autograder.validation.solved_notebook import fill_solutions, solution_sources
from tests.autograder.release.support import ROOT, SEMINAR

TINY_HANDOUT = '# %% [markdown]\n# # {{title}}\n# {{properties:J1}}\n\n# %% task="J1"\n'


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """An assignment of one task of the real one."""
    folder = tmp_path / "assignments" / "tiny"
    (folder / "public").mkdir(parents=True)
    (folder / "hidden").mkdir()
    (folder / "hidden" / "test_j1.py").write_text(
        "def test_secret(student):\n    assert student.topk_error is not None\n"
    )
    shutil.copy(SEMINAR / "public" / "test_j1.py", folder / "public")
    (folder / "handout.py").write_text(TINY_HANDOUT)
    (folder / "assignment.toml").write_text(
        'schema = 1\nname = "tiny"\nversion = "1.0"\ntitle = {ru = "Проба", en = "Trial"}\nbudget_minutes = 60\n'
        '[[tasks]]\nid = "J1"\ntitle = {ru = "Ошибка", en = "Error"}\nsymbols = ["hw_cnn.metrics:topk_error"]\n'
        "points = 4\nminutes = 20\n"
        '[[tasks.tests]]\nid = "test_j1.py::test_secret"\npoints = 4\ncore = true\n'
        'sentence = {ru = "Ошибка считается верно.", en = "The error is right."}\n'
    )
    return folder


def environment(bundle: Path) -> dict[str, str]:
    """Run with the bundle's packages instead of the repository's."""
    return {**os.environ, "PYTHONPATH": str(bundle), "OMP_NUM_THREADS": "1", "MPLBACKEND": "Agg"}


def test_what_is_in_a_bundle(files: dict[str, bytes], seminar: Assignment) -> None:
    for name in ("seminar_cnn.ipynb", "assignment.json", "README.md", "pyproject.toml", "LICENSE", "NOTICE"):
        assert name in files
    for task in seminar.manifest.tested:
        assert f"public/test_{task.id.lower()}.py" in files
    assert set(seminar.edition) <= set(files)
    folders = {name.split("/")[0] for name in files if "/" in name}
    assert folders == {"hw_cnn", "autograder", "public"}


def test_the_grader_part_is_closed_and_small() -> None:
    found = grader_files()
    home = ROOT / "autograder"
    imported = {module for data in found.values() for module in imported_modules(data.decode(), home)}
    assert len(imported) > 5
    for module in imported:
        path = "autograder/" + module.replace(".", "/")
        assert f"{path}.py" in found or f"{path}/__init__.py" in found
    kept_back = ["grading", "release", "validation", "doctor", "results"]
    kept_back += ["sandbox/host", "sandbox/jail", "sandbox/kernel"]
    assert all((home / folder).is_dir() for folder in kept_back)
    assert not [
        name for name in found if name.startswith(tuple(f"autograder/{folder}/" for folder in kept_back))
    ]


def test_the_public_manifest_names_no_hidden_test(
    files: dict[str, bytes], seminar: Assignment, tmp_path: Path
) -> None:
    text = files["assignment.json"].decode()
    for task in seminar.manifest.tasks:
        assert task.title.ru in text
        for test in task.tests:
            assert test.id not in text
            assert json.dumps(test.sentence.ru, ensure_ascii=False) in text
    (tmp_path / "assignment.json").write_bytes(files["assignment.json"])
    public = load_public(tmp_path)
    assert f'EDITION = "{public.edition}"' in files["hw_cnn/__init__.py"].decode()
    assert public.edition_files.items() <= files.items()


def test_two_bundles_are_byte_identical(files: dict[str, bytes]) -> None:
    assert bundle_files(find_assignment(str(SEMINAR)), "ru") == files


def test_a_leak_stops_the_release(tiny: Path, tmp_path: Path) -> None:
    reference = (ROOT / "hw_cnn" / "metrics.py").read_text()
    line = next(text.strip() for text in reference.split("\n") if "return {k: " in text)
    (tiny / "handout.py").write_text(f"{TINY_HANDOUT}\n# %%\n{line.removeprefix('return ')}\n# {line}\n")
    with pytest.raises(LeakError, match=r"tiny\.ipynb holds a line of the solution"):
        release(tiny, tmp_path / "out", "en")
    assert not (tmp_path / "out").exists()


def test_release_and_release_again(tiny: Path, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    lines = release(tiny, out, "en")
    assert str(out) in lines[0]
    first = {path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    release(tiny, out, "en")
    assert first == {path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert [path.name for path in out.parent.iterdir()] == ["out"]


def test_somebodys_work_is_never_overwritten(tiny: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "tiny.ipynb").write_text("mine")
    with pytest.raises(UsageError, match="no release"):
        release(tiny, out, "en")
    assert (out / "tiny.ipynb").read_text() == "mine"
    for change in ("tiny.ipynb", "solution.py"):
        shutil.rmtree(out)
        release(tiny, out, "en")
        (out / change).write_text("mine")
        with pytest.raises(UsageError, match=change):
            release(tiny, out, "en")
        assert (out / change).read_text() == "mine"
    with pytest.raises(UsageError, match="not a folder"):
        release(tiny, out / "tiny.ipynb", "en")


def test_a_zip_unpacks_to_a_folder_of_its_own_name(tiny: Path, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "homework.zip"
    release(tiny, out, "en")
    data = out.read_bytes()
    with zipfile.ZipFile(out) as archive:
        names = archive.namelist()
    assert "tiny/tiny.ipynb" in names
    assert {name.split("/")[0] for name in names} == {"tiny"}
    release(tiny, out, "en")
    assert out.read_bytes() == data
    assert [path.name for path in out.parent.iterdir()] == ["homework.zip"]
    out.write_bytes(b"somebody's")
    with pytest.raises(UsageError, match="no release"):
        release(tiny, out, "en")
    assert out.read_bytes() == b"somebody's"


@pytest.mark.parametrize(
    ("missing", "words"), [("handout.py", "handout"), ("public/test_j1.py", "public tests")]
)
def test_missing_parts_are_named(tiny: Path, tmp_path: Path, missing: str, words: str) -> None:
    (tiny / missing).unlink()
    with pytest.raises(UsageError, match=words):
        release(tiny, tmp_path / "out", "en")


def fill(bundle: Path, assignment: Assignment) -> None:
    """Paste the reference into the solution cells."""
    path = bundle / f"{assignment.name}.ipynb"
    sources = solution_sources(assignment.manifest, read_package(ROOT), assignment.edition)
    write_notebook(fill_solutions(read_notebook(path.read_text(encoding="utf-8")), sources), path)


@pytest.mark.slow
def test_nbgrader_validates_the_reference_and_not_the_stub(tiny: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    release(tiny, out, "en")
    code = (
        "import json, sys\nfrom nbgrader.validator import Validator\n"
        "print('RESULT' + json.dumps(Validator().validate('tiny.ipynb')))"
    )
    results = []
    for filled in (False, True):
        if filled:
            fill(out, find_assignment(str(tiny)))
        command = [sys.executable, "-c", code]
        done = subprocess.run(
            command, cwd=out, env=environment(out), capture_output=True, text=True, check=True
        )
        results.append(json.loads(done.stdout.split("RESULT")[1]))
    assert len(results[0]["failed"]) == 1
    assert "J1: not written yet" in results[0]["failed"][0]["raw_error"]
    assert results[1] == {}


@pytest.mark.slow
def test_the_released_notebook_runs_with_the_reference(seminar: Assignment, tmp_path: Path) -> None:
    out = tmp_path / "out"
    release(SEMINAR, out, "ru")
    fill(out, seminar)
    code = (
        "import nbformat\nfrom nbclient import NotebookClient\n"
        "notebook = nbformat.read('seminar_cnn.ipynb', as_version=4)\n"
        "NotebookClient(notebook, timeout=540, resources={'metadata': {'path': '.'}}).execute()\n"
        "print(len([cell for cell in notebook.cells if cell.cell_type == 'code']))"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=out, env=environment(out), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert int(done.stdout) > 10
    assert (out / "model.safetensors").is_file()


@pytest.mark.slow
def test_the_wheel_holds_the_tests_too(tiny: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    release(tiny, out, "en")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel"]
    subprocess.run(command, cwd=out, capture_output=True, check=True)
    with zipfile.ZipFile(next((out / "dist").glob("*.whl"))) as wheel:
        names = set(wheel.namelist())
    assert {
        "autograder/student/bundle/assignment.json",
        "autograder/student/bundle/public/test_j1.py",
    } <= names
    assert "hw_cnn/data/digits.npz" in names


def test_the_marker_lists_every_file(tiny: Path, tmp_path: Path) -> None:
    release(tiny, tmp_path / "out", "en")
    known = set(json.loads((tmp_path / "out" / MARKER).read_text()))
    found = {
        path.relative_to(tmp_path / "out").as_posix()
        for path in (tmp_path / "out").rglob("*")
        if path.is_file()
    }
    assert known == found - {MARKER}
