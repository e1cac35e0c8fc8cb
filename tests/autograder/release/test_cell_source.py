"""The source of a solution cell: a definition with what it needs, which runs by itself."""

from __future__ import annotations

import ast
from collections import Counter

import pytest

from autograder.course.assignment import find_assignment
from autograder.release.cell_source import definition_source, runnable_source, task_source
from tests.autograder.grading_support import ROOT


def test_definition_source_has_decorators() -> None:
    assert (
        definition_source("x = 1\n\n@deco\ndef f():\n    return 1\n", "f") == "@deco\ndef f():\n    return 1"
    )


def test_runnable_source_runs_by_itself() -> None:
    helper = "def _h(n):\n    return n * K\n"
    task = "def f(n):\n    return _h(n) + math.floor(2.5)\n"
    source = f"import math\nfrom os import path, sep\n\nK = 2\n\n\n{helper}\n\n{task}"
    text = runnable_source(source, "pkg.mod", ["f"])
    space: dict[str, object] = {}
    exec(text, space)
    assert space["f"](3) == 8
    assert "sep" not in text


def test_runnable_source_imports_what_the_edition_holds() -> None:
    source = "from .. import shapes\n\nK = 2\n\n\ndef f(n):\n    return shapes.x(n) * K\n"
    text = runnable_source(source, "hw_cnn.layers.mod", ["f"], given="K = 2\n\n\ndef f(n): ...\n")
    assert text.split("\n")[:2] == ["from hw_cnn import shapes", "from hw_cnn.layers.mod import K"]
    assert "K = 2" not in text


@pytest.mark.parametrize(
    "name", sorted(path.parent.name for path in ROOT.glob("assignments/*/assignment.toml"))
)
def test_a_cell_imports_everything_once_also_from_several_modules(name: str) -> None:
    assignment = find_assignment(name, ROOT / "assignments", None)
    for task in assignment.manifest.tested:
        text = task_source(task, assignment.edition, assignment.edition)
        nodes = [node for node in ast.parse(text).body if isinstance(node, ast.Import | ast.ImportFrom)]
        names = Counter((getattr(node, "module", ""), alias.name) for node in nodes for alias in node.names)
        assert max(names.values(), default=1) == 1, task.id
        assert len(
            {getattr(node, "module", "") for node in nodes if isinstance(node, ast.ImportFrom)}
        ) == sum(isinstance(node, ast.ImportFrom) for node in nodes)
