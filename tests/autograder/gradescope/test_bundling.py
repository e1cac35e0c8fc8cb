"""The zip for Gradescope: what is in it, that it is the same grader, and that it is made the same each time."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from autograder.course.assignment import find_assignment
from tests.autograder.gradescope.container import bundle
from tests.autograder.grading_support import AUTOGRADER, ENV, ROOT

KEY = "0123456789abcdef0123456789abcdef"
DIGEST = """
import hashlib
import sys

from autograder.course.assignment import find_assignment

found = find_assignment(sys.argv[1])
print(found.grader_sha256, hashlib.sha256(repr(sorted(found.edition.items())).encode()).hexdigest())
"""


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "k"
    path.write_text(KEY)
    return path


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory, key: Path) -> Path:
    return bundle(
        tmp_path_factory.mktemp("one"), str(ROOT / "assignments" / "convolution"), "--key", str(key)
    )


def names(archive: Path) -> list[str]:
    with zipfile.ZipFile(archive) as opened:
        return opened.namelist()


def text(archive: Path, name: str) -> str:
    with zipfile.ZipFile(archive) as opened:
        return opened.read(name).decode()


def test_the_same_input_gives_the_same_bytes(archive: Path, key: Path, tmp_path: Path) -> None:
    again = bundle(tmp_path, str(ROOT / "assignments" / "convolution"), "--key", str(key))
    assert again.read_bytes() == archive.read_bytes()
    over = bundle(tmp_path, str(ROOT / "assignments" / "convolution"), "--key", str(key))
    assert over.read_bytes() == archive.read_bytes()


def test_the_scripts_stand_at_the_root_and_may_be_run(archive: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        modes = {name: opened.getinfo(name).external_attr >> 16 for name in ("setup.sh", "run_autograder")}
        others = {info.external_attr >> 16 for info in opened.infolist() if info.filename not in modes}
    assert set(modes.values()) == {0o755}
    assert others == {0o644}
    for name in modes:
        assert text(archive, name).startswith("#!/usr/bin/env bash\n")
        subprocess.run(["bash", "-n"], input=text(archive, name), text=True, check=True)


def test_what_grades_is_in_it_and_no_cache(archive: Path) -> None:
    found = names(archive)
    assert "assignments/convolution/hidden/test_a1.py" in found
    assert "autograder/gradescope/running.py" in found
    assert "hw_cnn/layers/convolution.py" in found
    assert text(archive, "course.key").strip() == KEY
    assert not [name for name in found if "__pycache__" in name]
    # Of its neighbours only what says which tasks are theirs.
    others = [name for name in found if name.startswith("assignments/") and "/convolution/" not in name]
    assert len(others) == 3
    assert {name.rpartition("/")[2] for name in others} == {"assignment.toml"}


def test_it_is_the_same_grader_with_the_same_edition(archive: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(tmp_path)

    def digests(root: Path) -> str:
        command = [sys.executable, "-P", "-B", "-c", DIGEST, root / "assignments" / "convolution"]
        env = {**ENV, "PYTHONPATH": str(root)}
        return subprocess.run(
            command, cwd=tmp_path, env=env, capture_output=True, text=True, check=True
        ).stdout

    assert digests(tmp_path) == digests(ROOT)
    inside = tmp_path / "autograder" / "errors.py"
    inside.write_text(inside.read_text() + "# changed\n")
    assert digests(tmp_path) != digests(ROOT)


def test_the_list_of_packages_is_what_is_installed_here(archive: Path) -> None:
    required = [Requirement(line) for line in text(archive, "requirements.txt").splitlines()]
    pinned = [Requirement(line) for line in text(archive, "constraints.txt").splitlines()]
    assert {"torch", "lightning", "pytest", "matplotlib"} <= {one.name for one in required}
    assert {one.name for one in required} <= {one.name for one in pinned}
    for one in (*required, *pinned):
        assert str(one.specifier) == f"=={Version(metadata.version(one.name)).public}"
    assert "hw-cnn" not in {one.name for one in pinned}


def test_nothing_of_this_machine_is_in_it(archive: Path) -> None:
    for name in ("setup.sh", "run_autograder", "settings.json", "requirements.txt", "pip-options.txt"):
        assert str(ROOT) not in text(archive, name)
        assert "://" not in text(archive, name)
    assert text(archive, "pip-options.txt") == ""


def test_an_index_is_only_the_one_that_was_given(tmp_path: Path, key: Path) -> None:
    index = "https://index.example/cpu"
    made = bundle(
        tmp_path,
        str(ROOT / "assignments" / "convolution"),
        "--key",
        str(key),
        "--index",
        index,
        "--tasks",
        "images",
    )
    assert text(made, "pip-options.txt").split() == ["--extra-index-url", index]
    assert find_assignment(str(ROOT / "assignments" / "convolution"), tasks="images").manifest.chosen
    assert '"A1"' in text(made, "settings.json")


def test_a_key_is_made_beside_the_zip_and_kept(tmp_path: Path) -> None:
    first = text(bundle(tmp_path, str(ROOT / "assignments" / "convolution")), "course.key")
    assert (tmp_path / "course.key").read_text().strip() == first.strip()
    assert text(bundle(tmp_path, str(ROOT / "assignments" / "convolution")), "course.key") == first


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--out", "ag.tar"], "ends with .zip"),
        (["--out", "other.zip"], "nothing was changed"),
        (["--out", "ag.zip", "--wheels", "empty"], "holds no wheel"),
        (["--out", "ag.zip", "--minutes", "41"], "to 40"),
    ],
)
def test_wrong_use_is_told(tmp_path: Path, options: list[str], said: str) -> None:
    (tmp_path / "empty").mkdir()
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as other:
        other.writestr("thesis.txt", "mine")
    before = (tmp_path / "other.zip").read_bytes()
    done = subprocess.run(
        [AUTOGRADER, "bundle-gradescope", ROOT / "assignments" / "convolution", *options],
        cwd=tmp_path, env=ENV, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert said in done.stderr
    assert (tmp_path / "other.zip").read_bytes() == before
    assert not (tmp_path / "ag.zip").exists()
