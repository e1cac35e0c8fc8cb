"""Code that no parser can read is a syntax error like any other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.autograder.intake_support import cell, hand_in, kinds, notebook, read


@pytest.mark.parametrize("code", ["(" * 5000, "x = " + "-" * 100_000 + "1", "1" + "+1" * 100_000, "\x00"])
def test_code_that_overflows_the_parser_is_a_syntax_error(tmp_path: Path, code: str) -> None:
    found = read(hand_in(tmp_path, {"small.ipynb": notebook(code, cell("def conv(x): return 1", "F1"))}))
    assert kinds(found)["F1"] == "cell"
    assert len(found.notes) == 1
