"""A worker's word for a line counts only where code that was handed in stands."""

from __future__ import annotations

import pytest

from autograder.grading.verdicts.places import Places
from autograder.intake.load_plan import Statement
from autograder.text import Text

CELL = Text(ru="1-я ячейка с кодом", en="code cell 1")
SOURCE = 'def f(x):\n    # why\n\n    text = "\x0c \x1c"\r\n    return x'
PLACES = Places(
    [Statement("notebook", SOURCE, "<cell F1>", 3, ("f",), place=CELL)],
    {"hw_cnn/layers/own.py": b"a = 1\n\n# note\nb = 2\n", "table.csv": b"1,2\n3,4\n", "broken.py": b"\xff\n"},
)


@pytest.mark.parametrize("line", [3, 6, 7])
def test_a_line_of_a_cell_has_the_name_of_the_cell(line: int) -> None:
    assert PLACES.named("<cell F1>", line) == CELL


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("<cell F1>", 2), ("<cell F1>", 4), ("<cell F1>", 5), ("<cell F1>", 8), ("<cell F1>", 0), ("<cell F1>", -1),
        ("<cell F2>", 3), ("", 0), ("table.csv", 1), ("hw_cnn/layers/own.py", 2), ("hw_cnn/layers/own.py", 3),
        ("hw_cnn/layers/own.py", 5), ("hw_cnn/layers/own.py", 0), ("hw_cnn/layers/other.py", 1),
        ("3.1415926", 31415926),
    ],
)  # fmt: skip
def test_where_no_code_stands_nothing_is_named(file: str, line: int) -> None:
    assert PLACES.named(file, line) is None


@pytest.mark.parametrize(
    ("file", "line"), [("hw_cnn/layers/own.py", 1), ("hw_cnn/layers/own.py", 4), ("broken.py", 1)]
)
def test_a_module_has_its_path(file: str, line: int) -> None:
    assert PLACES.named(file, line) == Text(ru=file, en=file)
