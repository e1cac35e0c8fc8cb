"""The tree of the library: small folders, each imports only what stands below it."""

from __future__ import annotations

import ast
import graphlib
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "hw_cnn"
MAX_MODULES = 12
# One idea a file, and files for all ideas.
OF_ONE_KIND = ("interpret", "interpret/figures")
FOLDERS = [folder for folder in (PACKAGE, *PACKAGE.rglob("*/")) if (folder / "__init__.py").is_file()]


def modules_of(folder: Path) -> list[Path]:
    return [path for path in folder.glob("*.py") if path.name != "__init__.py"]


def imports_of(path: Path) -> set[Path]:
    """The files of the library that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names] + [str(node.module)]
        for name in names:
            place = PACKAGE.parent / name.replace(".", "/")
            files = (place.with_suffix(".py"), place / "__init__.py")
            found |= {file for file in files if file.is_file() and file.is_relative_to(PACKAGE)}
    return found - {path}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.relative_to(PACKAGE.parent).as_posix())
def test_a_folder_holds_few_modules(folder):
    if folder.relative_to(PACKAGE).as_posix() not in OF_ONE_KIND:
        assert len(modules_of(folder)) <= MAX_MODULES


def test_the_imports_hold_no_circle():
    graph = {path: imports_of(path) for path in PACKAGE.rglob("*.py")}
    assert sum(map(len, graph.values())) > 100
    graphlib.TopologicalSorter(graph).prepare()
