"""The student bundle: complete, reproducible, free of secrets, and never written over somebody's work."""

from __future__ import annotations

import ast
import io
import itertools
import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course.assignment import Assignment, find_assignment
from autograder.course.edition import read_package
from autograder.course.public import load_public
from autograder.errors import UsageError
from autograder.release.bundle import MARKER, bundle_files, grader_files, imported_modules, release
from autograder.release.leaks import LeakError, Secrets, anchor_finder, collect, scan
from autograder.release.notebook import read_notebook, write_notebook
from autograder.validation.solved_notebook import fill_solutions, solution_sources

ROOT = Path(__file__).parents[3]
SEMINAR = ROOT / "assignments" / "seminar_cnn"
TINY_HANDOUT = '# %% [markdown]\n# # {{title}}\n# {{properties:J1}}\n\n# %% task="J1"\n'


@pytest.fixture(scope="session")
def seminar() -> Assignment:
    return find_assignment(str(SEMINAR))


@pytest.fixture(scope="session")
def files(seminar: Assignment) -> dict[str, bytes]:
    return bundle_files(seminar, "ru")


@pytest.fixture(scope="session")
def secrets(seminar: Assignment) -> Secrets:
    return collect(SEMINAR, read_package(ROOT), seminar.edition)


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
    for task in seminar.manifest.tasks:
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


def test_a_clean_bundle_passes_the_scan(files: dict[str, bytes], secrets: Secrets) -> None:
    scan(files, secrets)
    assert secrets.body_lines
    assert secrets.helper_names
    assert secrets.test_lines
    assert len(secrets.images) == 2000


def in_notebook(text: str) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    """Plant text in a cell of the notebook."""

    def plant(files: dict[str, bytes]) -> dict[str, bytes]:
        notebook = json.loads(files["seminar_cnn.ipynb"])
        notebook["cells"][3]["source"] = [line + "\n" for line in text.split("\n")]
        return {"seminar_cnn.ipynb": json.dumps(notebook).encode()}

    return plant


def in_file(name: str, read: Callable[[], bytes]) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    """Append what `read` gives to a file of the bundle, or add the file."""
    return lambda files: {name: files.get(name, b"") + b"\n" + read()}


def hidden_npz() -> bytes:
    """Three hidden images in another archive, among others."""
    with np.load(SEMINAR / "hidden" / "digits.npz") as arrays:
        images = np.concatenate([np.zeros((5, 28, 28), np.uint8), arrays["images"][7:10]])
    buffer = io.BytesIO()
    np.savez_compressed(buffer, x=images)
    return buffer.getvalue()


def hidden_raw() -> bytes:
    """One hidden image as plain bytes, at an odd offset."""
    with np.load(SEMINAR / "hidden" / "digits.npz") as arrays:
        return b"abc" + arrays["images"][1234].tobytes()


def zipped(read: Callable[[], bytes]) -> bytes:
    """A zip that holds the bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.bin", read())
    return buffer.getvalue()


ANCHORS = [b"\x01\x02\x03\x04\x05\x06\x07\x08", b"\x01\x02\x03\x04\x05\x06\x07\x09", b"\xff" * 8]
BODY_LINE = 'out = out + torch.einsum("nchw,oc->nohw", seen, weight[:, :, i, j])'
PLANTS = {
    "body line in the package": (
        in_file("hw_cnn/layers/convolution.py", lambda: f"    # {BODY_LINE}".encode()),
        "line of the solution",
    ),
    "body line in the notebook": (in_notebook(f"x = 1\n{BODY_LINE}"), "line of the solution"),
    "body line in the README": (in_file("README.md", lambda: BODY_LINE.encode()), "line of the solution"),
    "body line in the grader": (
        in_file("autograder/testing.py", lambda: BODY_LINE.encode()),
        "line of the solution",
    ),
    "whole reference module": (
        in_file("hw_cnn/old.py", lambda: (ROOT / "hw_cnn/training.py").read_bytes()),
        "line of the solution",
    ),
    "reference helper": (
        in_file("hw_cnn/shapes.py", lambda: b"# see _check_shapes"),
        "helper of the reference",
    ),
    "hidden test": (
        in_file("public/test_more.py", lambda: (SEMINAR / "hidden/test_f1.py").read_bytes()),
        "hidden test_f1.py",
    ),
    "hidden test in the notebook": (
        in_notebook((SEMINAR / "hidden/test_g1.py").read_text()),
        "hidden test_g1.py",
    ),
    "hidden folder": (in_file("hidden/notes.txt", lambda: b"x"), "must not be in the bundle"),
    "manifest": (in_file("assignment.toml", lambda: b"x"), "must not be in the bundle"),
    "wrong folder": (in_file("wrong/f1_flipped.py", lambda: b"x"), "must not be in the bundle"),
    "planted bugs": (
        in_file(
            "hw_cnn/bugs.py",
            lambda: b"\n".join(p.read_bytes() for p in sorted((SEMINAR / "wrong").glob("f1_*.py"))),
        ),
        "planted bug|line of the solution",
    ),
    "hidden images in an npz": (in_file("hw_cnn/data/more.npz", hidden_npz), "hidden image"),
    "hidden image raw": (in_file("public/digit.bin", hidden_raw), "hidden image"),
    "hidden image in a zip in a zip": (
        in_file("public/x.bin", lambda: zipped(lambda: zipped(hidden_raw))),
        "hidden image",
    ),
}


@pytest.mark.parametrize("name", PLANTS)
def test_planted_leaks_are_found(files: dict[str, bytes], secrets: Secrets, name: str) -> None:
    plant, words = PLANTS[name]
    planted = plant(files)
    with pytest.raises(LeakError, match=words) as caught:
        scan({**files, **planted}, secrets)
    assert next(iter(planted)) in str(caught.value)


@given(parts=st.lists(st.binary(max_size=12) | st.sampled_from(ANCHORS), max_size=6))
def test_the_first_look_at_bytes_misses_nothing(parts: list[bytes]) -> None:
    blob = b"".join(parts)
    assert anchor_finder(set(ANCHORS))(blob) == {anchor for anchor in ANCHORS if anchor in blob}


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
