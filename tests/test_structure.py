"""The shape of the two packages: small folders, imports without circles, one import path for one name.

That a folder imports only what stands below it is checked by import-linter; `.importlinter` holds the order.
"""

from __future__ import annotations

import ast
import graphlib
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("hw_cnn", "autograder")
MOST_MODULES = 12
# One idea a file, each found by its name.
MAY_HOLD_MORE = {"hw_cnn/interpret", "hw_cnn/interpret/figures"}


def folders() -> list[str]:
    found = [path for package in PACKAGES for path in (ROOT / package).rglob("*") if path.is_dir()]
    found += [ROOT / package for package in PACKAGES]
    return sorted(path.relative_to(ROOT).as_posix() for path in found if any(path.glob("*.py")))


@pytest.mark.parametrize("folder", [name for name in folders() if name not in MAY_HOLD_MORE])
def test_a_folder_is_small(folder: str) -> None:
    modules = [path.name for path in (ROOT / folder).glob("*.py") if path.name != "__init__.py"]
    assert len(modules) <= MOST_MODULES, f"{folder} holds {len(modules)} modules: find rooms for them"


def test_the_folders_that_may_hold_more_exist() -> None:
    assert set(folders()) >= MAY_HOLD_MORE
    assert len(folders()) > 30


@pytest.mark.parametrize("package", PACKAGES)
def test_the_imports_of_modules_hold_no_circle(package: str) -> None:
    graph = grimp.build_graph(package, cache_dir=None)
    imported = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    assert sum(map(len, imported.values())) > 100
    try:
        graphlib.TopologicalSorter(imported).prepare()
    except graphlib.CycleError as error:
        pytest.fail(f"these modules import each other in a circle: {' <- '.join(error.args[1])}")


def sources() -> Iterator[tuple[str, ast.Module]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            yield name, ast.parse(path.read_text(encoding="utf-8"))


def names_made(tree: ast.Module) -> Iterator[str]:
    """Names that a module defines or assigns; one that it only imports, or reads, is made elsewhere."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def test_a_name_is_imported_from_where_it_is_made() -> None:
    trees = dict(sources())
    made = {name: set(names_made(tree)) for name, tree in trees.items()}
    second_paths = [
        f"{name}: {node.module}.{alias.name}"
        for name, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in trees
        for alias in node.names
        if f"{node.module}.{alias.name}" not in trees and alias.name not in made[node.module]
    ]
    assert second_paths == []
