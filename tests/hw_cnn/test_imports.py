"""What importing costs, and how our own code reaches what a student may replace."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import hw_cnn

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "hw_cnn"
RECIPES = PACKAGE / "recipes"


def task_symbols() -> set[str]:
    """Top-level names of all task symbols of all assignments."""
    names = set()
    for path in ROOT.glob("assignments/*/assignment.toml"):
        for task in tomllib.loads(path.read_text(encoding="utf-8"))["tasks"]:
            names |= {symbol.partition(":")[2].split(".")[0] for symbol in task.get("symbols", [])}
    return names


def sources() -> list[Path]:
    """Every file of the library."""
    found = list(PACKAGE.rglob("*.py"))
    assert len(found) > 50
    return found


def run_python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "code",
    [
        "import hw_cnn, hw_cnn.layers, hw_cnn.models, hw_cnn.data, hw_cnn.shapes; dir(hw_cnn)",
        "from hw_cnn import cli; assert cli.main(['--help']) == 0",
        "from hw_cnn import cli; assert cli.main(['summary', 'nothing']) == 2",
    ],
)
def test_loads_no_torch_and_no_numpy(code):
    heavy = "{'torch', 'numpy', 'lightning', 'torchmetrics', 'autograder', 'pytest'}"
    run_python(f"{code}\nimport sys\nfound = {heavy} & set(sys.modules)\nassert not found, found")


def test_library_never_imports_the_grader():
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {name.split(".")[0] for name in names} & {"autograder", "nbgrader", "pytest"}, path


def test_exports_exist_and_follow_a_replaced_definition(monkeypatch):
    for name in hw_cnn.__all__:
        assert getattr(hw_cnn, name) is not None
    from hw_cnn.layers import convolution

    assert hw_cnn.conv2d is convolution.conv2d
    monkeypatch.setattr(convolution, "conv2d", len)
    assert hw_cnn.conv2d is hw_cnn.layers.conv2d is len
    with pytest.raises(AttributeError, match="has no attribute 'conv3d'; it exports Classifier"):
        _ = hw_cnn.conv3d


def misuses(source: str, symbols: set[str]) -> list[str]:
    """Find task symbols that would not follow a replacement: imported by name, or read while a module loads.

    A module may have the name of a symbol that stands in another one.
    """
    tree = ast.parse(source)
    found = [
        f"line {node.lineno}: from ... import {alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if (alias.name in symbols and not _is_module(f"{node.module}.{alias.name}")) or alias.name == "*"
    ]
    return found + [
        f"line {node.lineno}: .{node.attr}" for node in _loaded_at_import(tree) if node.attr in symbols
    ]


def _is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or path.is_dir()


def _loaded_at_import(node: ast.AST) -> list[ast.Attribute]:
    """Attributes that are read while the module loads: not in bodies of functions, not in annotations."""
    found = [node] if isinstance(node, ast.Attribute) else []
    for name, value in ast.iter_fields(node):
        is_deferred = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) and name == "body"
        if is_deferred or name in ("annotation", "returns"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                found += _loaded_at_import(child)
    return found


def test_task_symbols_are_reached_through_their_module():
    symbols = task_symbols()
    assert {"conv2d", "pool2d", "SeminarCNN", "Classifier", "topk_error", "train_seminar"} <= symbols
    found = {path: misuses(path.read_text(encoding="utf-8"), symbols) for path in sources()}
    allowed = {path: set(base_classes(path)) if path.parent == RECIPES else set() for path in found}
    assert not {path: lines for path, lines in found.items() if set(lines) - allowed[path]}


def base_classes(path: Path) -> list[str]:
    """A recipe is a `classifier.Classifier`: nothing loads it before a student's definition is in its place."""
    classes = [
        node for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.ClassDef)
    ]
    return [
        f"line {base.lineno}: .{base.attr}"
        for node in classes
        for base in node.bases
        if isinstance(base, ast.Attribute) and base.attr == "Classifier"
    ]


def test_recipes_are_loaded_by_name_only():
    for path in sources():
        if path.parent == RECIPES:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.startswith("hw_cnn.recipes")], path


@pytest.mark.parametrize(
    "line",
    [
        "from hw_cnn.layers.convolution import conv2d",
        "from hw_cnn import conv2d as c",
        "from hw_cnn.layers.convolution import *",
        "fast = convolution.conv2d",
        "def f(x, conv=convolution.conv2d): pass",
        "class Mine(convolution.conv2d): pass",
        "@convolution.conv2d\ndef f(): pass",
    ],
)
def test_the_check_sees_each_kind_of_misuse(line):
    assert misuses(line, {"conv2d"})


@pytest.mark.parametrize(
    "line", ["def f() -> a.conv2d:\n    return a.conv2d(1)", "f = lambda: a.conv2d", "x: a.conv2d"]
)
def test_the_check_allows_what_is_looked_up_late(line):
    assert not misuses(line, {"conv2d"})
