"""`hw-cnn` runs with the library of the homework that one works in, whichever was installed last."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hw_cnn.homework.launch import homework

CLI = "import sys\ndef main():\n    print('{name}', sys.argv[1:])\n    return 3\n"
RUN = "import sys, hw_cnn\nfrom hw_cnn.homework.launch import main\nsys.exit(main())"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """Two homeworks with libraries that say which they are."""
    for name in ("one", "two"):
        library = tmp_path / name / "hw_cnn"
        library.mkdir(parents=True)
        (library / "__init__.py").touch()
        (library / "cli.py").write_text(CLI.format(name=name))
        (tmp_path / name / "assignment.json").touch()
        (tmp_path / name / "deep" / "er").mkdir(parents=True)
    return tmp_path


@pytest.mark.parametrize(
    ("folder", "argv", "said"),
    [
        ("one", ["fit"], "one ['fit']"),
        ("two/deep/er", ["check", "F1"], "two ['check', 'F1']"),
        ("one", ["check", "../two"], "two ['check', '../two']"),
        (".", ["submit", "one/deep"], "one ['submit', 'one/deep']"),
        ("one", ["fit", "../two"], "one ['fit', '../two']"),
    ],
)
def test_the_folder_chooses_the_library(course: Path, folder: str, argv: list[str], said: str) -> None:
    command = [sys.executable, "-c", RUN, *argv]
    root = Path(__file__).parents[3]
    env = {**os.environ, "PYTHONPATH": str(root), "PYTHONSAFEPATH": "1"}
    done = subprocess.run(command, cwd=course / folder, env=env, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.returncode) == (said, 3), done.stderr


def test_outside_of_a_homework_the_installed_library_runs(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(course)
    assert homework(["check"]) is None
    assert homework([]) is None
    assert homework(["check", "one"]) == course / "one"
    (course / "one" / "hw_cnn" / "__init__.py").unlink()
    assert homework(["check", "one"]) is None
