"""Helpers of the same name in two modules of the reference must not meet in one notebook."""

from __future__ import annotations

import pytest

from autograder.course.manifest import Manifest
from autograder.course.source_edit import rename
from autograder.errors import UsageError
from autograder.validation.solved_notebook import solution_sources

SOURCE = """
SIZES = (1, 2)  # é: bytes and characters differ

def start(x, *, start_at=0):
    return [x.start, dict(start=len(SIZES)), "start", start_at]

class Net:
    é, sizes = 1, SIZES

    def start(self):
        return start(self)[0]
"""


def test_definitions_and_uses_are_renamed_and_nothing_else() -> None:
    renamed = rename(SOURCE, {"start": "begin", "SIZES": "FOUR"})
    expected = SOURCE.replace("SIZES", "FOUR").replace("def start(x", "def begin(x")
    assert renamed == expected.replace("return start(self)", "return begin(self)")
    assert rename(SOURCE, {}) == SOURCE


def test_a_use_that_cannot_be_found_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    import ast

    tree = ast.parse("A = 1\nb = A")
    ast.increment_lineno(tree.body[1], -1)
    monkeypatch.setattr("autograder.course.source_edit.parse_module", lambda source: tree)
    with pytest.raises(UsageError, match="line 1 uses A"):
        rename("A = 1\nb = A", {"A": "B"})


def test_helpers_of_two_cells_stay_apart() -> None:
    reference = {
        f"hw_cnn/{name}.py": f"LIMIT, ONLY_{name.upper()} = {value}, 0\n\n\ndef {name}():\n    return LIMIT\n".encode()
        for name, value in (("one", 1), ("two", 2))
    }
    stub = "def {}():\n    raise NotImplementedError\n"
    edition = {f"hw_cnn/{name}.py": stub.format(name).encode() for name in ("one", "two")}
    test = {"points": 1, "core": True, "sentence": {"ru": "а", "en": "a"}}
    tasks = [
        {
            "id": task,
            "title": {"ru": "а", "en": "a"},
            "symbols": [f"hw_cnn.{name}:{name}"],
            "points": 1,
            "minutes": 1,
            "tests": [{**test, "id": f"test_{name}.py::test_a"}],
        }
        for task, name in (("A1", "one"), ("A2", "two"))
    ]
    manifest = Manifest.model_validate(
        {
            "schema": 1,
            "name": "trial",
            "version": "1",
            "title": {"ru": "а", "en": "a"},
            "budget_minutes": 9,
            "tasks": tasks,
        }
    )
    sources = solution_sources(manifest, reference, edition)
    space: dict[str, object] = {}
    for source in sources.values():
        exec(source, space)
    assert (space["one"](), space["two"]()) == (1, 2)
    assert {"LIMIT_A1", "LIMIT_A2", "ONLY_ONE", "ONLY_TWO"} <= set(space)
