"""No line that IPython changes is overlooked. (That counting takes no time: `sandbox/host/test_reader.py`.)"""

from __future__ import annotations

import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from IPython.core.inputtransformer2 import TransformerManager

from autograder.intake.sources.magic_lines import count_changes, without_timers

PIECES = [
    "!", "!!", "%", "%%", "?", "??", ",", ";", "/", "f", " a", "a.b", "=", "x = ", "\n", "\\\n", "(", ")", "[", "'''",
    "#c", ">>> ", "... ", "...: ", "In [1]: ", "   ", "\t", "\x0c", "\x1c", "\u2028", "if a:\n", ":", "1", "[ins] ",
]  # fmt: skip
cells = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)


@settings(max_examples=500, deadline=None)
@given(cells)
def test_ipython_changes_no_more_lines_than_are_counted(source: str) -> None:
    manager = TransformerManager()
    lines = f"{source}\n".splitlines(keepends=True)
    if not lines[0].strip().startswith("%%"):
        assert changes(manager, lines) <= count_changes(source)


def changes(manager: TransformerManager, lines: list[str]) -> int:
    """How often IPython reads the cell anew."""
    number = 0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for transform in (*manager.cleanup_transforms, *manager.line_transforms):
                lines = transform(lines)
            changed = True
            while changed and number < 50:
                changed, lines = manager.do_one_token_transform(lines)
                number += changed
    except Exception:
        pass  # then it gives up, and this was the last time
    return number


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("", 0),
        ("x = 1", 0),
        ("a if b else c", 0),
        ("x == !y", 1),
        ("  %matplotlib inline\n!ls\nx = %pwd\nconv?\n?conv", 5),
        (", !a", 3),
        ("x = 7 % 2\ny = a != b\nz = 6 / 2", 0),
        ("/f\n;f\n,f", 3),
        (">>> !ls", 1),
        (">>> conv(1)\n... x", 0),
    ],
)
def test_what_is_counted(source: str, count: int) -> None:
    assert count_changes(source) == count


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("%time x = f()", "x = f()"),
        ("a = 1\n    %time x = f()", "a = 1\n    x = f()"),
        ("%memit\tx = f()\n%prun g()", "x = f()\ng()"),
        ("%time -v x = f()", "%time -v x = f()"),
        ("%time   -v x = f()", "%time   -v x = f()"),
        ("%timeit f()", "%timeit f()"),
        ("a %time b", "a %time b"),
    ],
)
def test_timers_of_one_line_are_taken_off(source: str, expected: str) -> None:
    assert without_timers(source) == expected
