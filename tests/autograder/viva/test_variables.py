"""Which variables of a function may be asked about, and the function cut off behind one of them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from autograder.course.symbol import Symbol
from autograder.intake.students import Upload
from autograder.intake.submission import Submission, read_tree
from autograder.viva.variables import cut_off, definition_of, variables_of
from tests.autograder.intake_support import EDITION, manifest

CODE = '''def conv(x, y=1):
    """Doc."""
    first = x + 1
    a, b = 1, 2
    y = 3
    for i in range(3):
        inside = i
    if y:
        branch = 1
    second: int = (
        first
        + 2
    )
    first += 1
    return second
'''
CONV = Symbol.parse("hw_cnn.one:conv")
LINES = "def helper():\n    return 1\n\n\n" + CODE


def submission(**files: str) -> Submission:
    tree = {name.replace("__", "/") + ".py": text.encode() for name, text in files.items()}
    return read_tree(Upload("anna", Path("anna")), tree, manifest(), EDITION)


def answer(text: str, x: int) -> object:
    """What the code of a file gives."""
    namespace: dict[str, object] = {}
    exec(compile(text, "own", "exec"), namespace)
    return namespace["conv"](x)  # type: ignore[operator]


def test_variables_have_one_value_in_a_call() -> None:
    found = [(one.name, one.lines, one.place) for one in variables_of(CODE)]
    assert found == [("first", (3, 3), 1), ("second", (10, 13), 6)]


def test_the_definition_is_the_students_own_text() -> None:
    assert definition_of(submission(solution=LINES), CONV) == CODE.rstrip("\n")
    twice = LINES + "\n\ndef conv(x):\n    # mine\n    return x\n"
    assert definition_of(submission(solution=twice), CONV) == "def conv(x):\n    # mine\n    return x"
    assert definition_of(submission(hw_cnn__one=LINES), CONV) == CODE.rstrip("\n")


@pytest.mark.parametrize("text", ["conv = lambda x: x\n", "def other(x):\n    return x\n\n\nconv = other\n"])
def test_what_is_no_plain_function_is_not_asked_about(text: str) -> None:
    assert definition_of(submission(solution=text), CONV) is None


@pytest.mark.parametrize(
    ("place", "name", "expected"), [(1, "first", 11), (6, "second", 13), (7, "first", 12)]
)
def test_a_function_that_is_cut_off_gives_the_variable(place: int, name: str, expected: int) -> None:
    changed = cut_off(submission(solution=LINES), CONV, place, name)
    (text,) = [one.source for one in changed.statements if "def conv" in one.source]
    assert answer(text, 10) == expected
    in_package = cut_off(submission(hw_cnn__one=LINES), CONV, place, name).package["hw_cnn/one.py"].decode()
    assert answer(in_package, 10) == expected
    assert "def helper" in in_package


def test_nothing_else_is_changed() -> None:
    before = submission(solution=LINES + "\n\ndef pool(x):\n    first = x\n    return first\n")
    after = cut_off(before, CONV, 1, "first")
    others = [
        [ast.dump(ast.parse(one.source)) for one in each.statements if "def conv" not in one.source]
        for each in (before, after)
    ]
    assert others[0] == others[1]
    assert after.digest == before.digest
