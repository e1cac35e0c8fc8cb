"""The map names every folder, it names modules that exist, and the pictures show the imports of today."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, ROOT

PAGE = (DOCS / "architecture.md").read_text(encoding="utf-8")
PACKAGES = ("autograder", "hw_cnn")
FOLDERS = sorted(
    path.parent.relative_to(ROOT)
    for package in PACKAGES
    for path in (ROOT / package).rglob("__init__.py")
    if path.parent.parent != ROOT
)
MODULES = sorted(set(re.findall(r"`([\w/]+\.py)`", PAGE)))


@pytest.mark.parametrize("folder", FOLDERS, ids=str)
def test_the_map_names_every_folder(folder: Path):
    assert f"`{folder.relative_to(folder.parts[0]).as_posix()}/`" in PAGE


@pytest.mark.parametrize("module", MODULES)
def test_a_module_of_the_page_exists(module: str):
    files = [
        path.as_posix() for folder in (*PACKAGES, "assignments") for path in (ROOT / folder).rglob("*.py")
    ]
    assert any(path.endswith(f"/{module}") for path in files)


def test_the_pictures_are_drawn_from_the_imports_of_today():
    command = [sys.executable, "-m", "scripts.pictures.architecture", "--check"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr
