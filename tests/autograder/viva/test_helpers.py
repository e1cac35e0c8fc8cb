"""What a function of a student leans on."""

from __future__ import annotations

import pytest

from autograder.viva.helpers import MOST_LINES, helpers_of

CODE = "def conv(x):\n    return padded(x) * FACTOR"
PADDED = "def padded(x):\n    # the border\n    return x + border(x)"
BORDER = "def border(x):\n    return conv(x)"
OTHER = "def other(x):\n    return x"


def test_helpers_and_what_they_need_themselves() -> None:
    sources = [f"FACTOR = 1\n{PADDED}\n\n\n{OTHER}", f"{BORDER}\n\n\n{CODE}", "FACTOR = 2"]
    assert helpers_of(sources, "conv", CODE) == ("FACTOR = 2", PADDED, BORDER)


@pytest.mark.parametrize("source", ["", "import torch\n", "def (", f"{OTHER}\n\n\n{CODE}"])
def test_what_is_not_there_or_not_needed_is_not_shown(source: str) -> None:
    assert helpers_of([source], "conv", CODE) == ()


def test_decorators_are_shown() -> None:
    text = "@cache\ndef padded(x):\n    return x"
    assert helpers_of([text], "conv", CODE) == (text,)


def test_two_names_of_one_assignment_are_shown_once() -> None:
    assert helpers_of(["FACTOR = padded = abs"], "conv", CODE) == ("FACTOR = padded = abs",)


def test_a_long_helper_is_left_out_and_a_short_one_stays() -> None:
    long = "def padded(x):\n" + "    x = x + 1\n" * MOST_LINES + "    return x"
    assert helpers_of([long, "FACTOR = 2"], "conv", CODE) == ("FACTOR = 2",)
