"""The steps of the students' workflow, taken from its YAML and run with bash in a repository with a released bundle."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from autograder.course.assignment import find_assignment
from autograder.course.edition import read_package
from autograder.release.bundle import release
from autograder.validation.solved_notebook import solution_sources
from tests.autograder.student.support import SEMINAR, write
from tests.workflows.support import ROOT, filled, workflow

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="the steps are written for bash"),
]

WRONG = "def pool2d(x, kernel_size, stride=None, mode='max'):\n    return x * 0"
PLACE = re.compile(
    r"::error file=homework/seminar_cnn\.ipynb,line=(\d+),title=G1%3A \d+ of 11 public tests fail::"
)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A student's: the bundle in a folder, G1 written and wrong, J1 written, the rest not."""
    folder = tmp_path_factory.mktemp("repository")
    release(SEMINAR, folder / "homework", "en")
    seminar = find_assignment(str(SEMINAR))
    right = solution_sources(seminar.manifest, read_package(ROOT), seminar.edition)
    write(folder / "homework", {"G1": WRONG, "J1": right["J1"]})
    # In place of the runner's Python: a new environment that borrows the packages of this one.
    venv.create(folder / "python", with_pip=True)
    paths = {"base": str(folder / "python"), "platbase": str(folder / "python")}
    site = Path(sysconfig.get_path("purelib", vars=paths))
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


def run_steps(repository: Path, summary: Path, **given: str) -> list[subprocess.CompletedProcess[str]]:
    """Each `run` in its order until one fails; nothing is downloaded."""
    data = workflow("student-check.yml")
    known = data["on"]["workflow_call"]["inputs"]
    inputs = {
        name: str(one["default"]).removeprefix("False") or "false" * (one["type"] == "boolean")
        for name, one in known.items()
    }
    inputs |= {name.replace("_", "-"): value for name, value in given.items()}
    (job,) = data["jobs"].values()
    env = {
        **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        **{name: filled(value, inputs) for name, value in job["env"].items()},
        "PATH": f"{repository / 'python' / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "GITHUB_WORKSPACE": str(repository), "GITHUB_STEP_SUMMARY": str(summary),
        "PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1", "PIP_NO_BUILD_ISOLATION": "0",
    }  # fmt: skip
    done = []
    for step in job["steps"]:
        if "run" in step:
            command = ["bash", "-e", "-c", step["run"]]
            done.append(
                subprocess.run(
                    command, cwd=repository, env=env, capture_output=True, text=True, timeout=600, check=False
                )
            )
            if done[-1].returncode:
                break
    return done


@pytest.mark.parametrize(("strict", "code"), [("false", 0), ("true", 1)])
def test_annotations_name_file_and_line(repository: Path, tmp_path: Path, strict: str, code: int) -> None:
    summary = tmp_path / "summary.md"
    install, check = run_steps(repository, summary, folder="homework", tasks="G1 J1 F1", strict=strict)
    assert install.returncode == 0, install.stderr
    assert check.returncode == code, check.stderr
    commands = [line for line in check.stdout.split("\n") if line.startswith("::")]
    assert len(commands) == 2
    (error,) = [line for line in commands if line.startswith("::error ")]
    place = re.match(
        r"::error file=homework/seminar_cnn\.ipynb,line=(\d+),title=G1%3A \d+ of 11 public tests fail::",
        error,
    )
    assert place is not None, error
    raw = (repository / "homework" / "seminar_cnn.ipynb").read_text(encoding="utf-8").split("\n")
    assert "def pool2d(" in raw[int(place[1]) - 1]
    (warning,) = [line for line in commands if line.startswith("::warning ")]
    assert "title=F1%3A not written::" in warning
    page = summary.read_text(encoding="utf-8")
    assert "| G1. " in page
    assert "| passed |" in page
    assert "This is not your mark" in page


def test_a_wrong_input_fails_whatever_was_asked(repository: Path, tmp_path: Path) -> None:
    *_, check = run_steps(repository, tmp_path / "summary.md", folder="homework", tasks="Z9")
    assert check.returncode == 2
    assert "There is no such task" in check.stderr
    marker = tmp_path / "ran"
    *_, check = run_steps(repository, tmp_path / "summary.md", folder="homework", tasks=f"$(touch {marker})")
    assert check.returncode == 2
    assert not marker.exists()
