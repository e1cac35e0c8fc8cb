"""The source of a solution cell: a definition with what it needs, which runs by itself."""

from __future__ import annotations

from autograder.release.cell_source import definition_source, runnable_source


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
