"""Two homeworks in one environment: each folder has its own library, and the second needs no installation."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from autograder.release.bundle import release
from tests.autograder.release.support import ROOT, SEMINAR

IMPORT = "import hw_cnn; print(hw_cnn.EDITION.split('-')[0])"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of two unpacked bundles and an environment in which the first one was installed.

    The environment borrows the packages of this one: a torch of its own would be gigabytes.
    """
    course = tmp_path_factory.mktemp("course")
    for folder in (SEMINAR, ROOT / "assignments" / "architectures"):
        release(folder, course / f"{folder.name}.zip", "en")
        with zipfile.ZipFile(course / f"{folder.name}.zip") as archive:
            archive.extractall(course)
    venv.create(course / ".venv", with_pip=True)
    paths = {"base": str(course / ".venv"), "platbase": str(course / ".venv")}
    site = Path(sysconfig.get_path("purelib", vars=paths))
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    install(course, "seminar_cnn")
    return course


def program(course: Path, name: str) -> str:
    folder = course / ".venv" / ("Scripts" if sys.platform == "win32" else "bin")
    return str(folder / name)


def install(course: Path, name: str) -> None:
    """Not `-e`, which needs a package that is not here: so the installed library is in no homework's folder."""
    command = [program(course, "python"), "-m", "pip", "install", "--no-build-isolation", "--no-deps"]
    subprocess.run([*command, f"./{name}"], cwd=course, capture_output=True, check=True)


def said(course: Path, folder: str, *command: str) -> str:
    env = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [program(course, command[0]), *command[1:]],
        cwd=course / folder, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def both_work(course: Path) -> None:
    for folder, task, other in (("seminar_cnn", "F1", "I5"), ("architectures", "I5", "F1")):
        assert f"task {task} is not written yet" in said(course, folder, "hw-cnn", "check", task)
        assert "There is no such task or folder" in said(course, folder, "hw-cnn", "check", other)
        assert f"task {task} is not written yet" in said(course, ".", "hw-cnn", "check", folder, task)
        # As in a notebook: its folder is the first that is searched.
        assert said(course, folder, "python", "-c", IMPORT).strip() == folder


@pytest.mark.slow
def test_one_environment_serves_two_homeworks(course: Path) -> None:
    both_work(course)
    install(course, "architectures")
    both_work(course)
    assert "assignment.json was not found" not in said(course, ".", "hw-cnn", "check", "--help")
