"""Definitions and uses get new names together, or none does."""

from __future__ import annotations

import pytest

from autograder.course.source_edit import rename
from autograder.errors import UsageError

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
