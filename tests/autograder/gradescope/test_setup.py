"""`setup.sh` of the zip, run for real with wheels that lie in the zip: nothing is downloaded."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from autograder.gradescope.bundling import FILES
from autograder.release.grader import running_python
from tests.autograder.grading_support import ENV

WHEEL = {
    "toy_package.py": "VALUE = 1\n",
    "toy_package-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: toy-package\nVersion: 1.0\n",
    "toy_package-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    "toy_package-1.0.dist-info/RECORD": "",
}


def container(folder: Path, requirement: str) -> Path:
    """A zip that asks for one small package, as the platform has unpacked it."""
    source = folder / "source"
    (source / "wheels").mkdir(parents=True)
    with zipfile.ZipFile(source / "wheels" / "toy_package-1.0-py3-none-any.whl", "w") as wheel:
        for name, content in WHEEL.items():
            wheel.writestr(name, content)
    (source / "setup.sh").write_bytes((FILES / "setup.sh").read_bytes())
    texts = {"requirements.txt": requirement, "constraints.txt": requirement, "pip-options.txt": ""}
    for name, content in {**texts, "python.txt": f"{running_python()}\n", "settings.json": "{}\n"}.items():
        (source / name).write_text(content)
    return source


def set_up(source: Path) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.base_prefix, 'bin')}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", source / "setup.sh"],
        cwd="/",
        env={**ENV, "PATH": path},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.slow
def test_the_packages_of_the_zip_are_installed_beside_the_grader(tmp_path: Path) -> None:
    source = container(tmp_path, "toy-package==1.0\n")
    done = set_up(source)
    assert done.returncode == 0, done.stderr
    python = tmp_path / "venv" / "bin" / "python"
    asked = subprocess.run(
        [python, "-c", "import toy_package; print(toy_package.VALUE)"], capture_output=True, check=True
    )
    assert asked.stdout == b"1\n"
    assert source.stat().st_mode & 0o777 == 0o700
    assert not (source / "wheels").exists()


@pytest.mark.slow
def test_a_package_that_is_missing_ends_the_building_of_the_image(tmp_path: Path) -> None:
    done = set_up(container(tmp_path, "another-package==1.0\n"))
    assert done.returncode != 0
    assert "another-package" in done.stderr
