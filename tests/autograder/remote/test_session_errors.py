"""What a worker says of an exception: cleaned, cut, and refused where it makes no sense."""

from __future__ import annotations

from typing import Any

import pytest

from autograder.remote.session import student_error
from autograder.wire.errors import ProtocolError
from autograder.wire.safe_text import clean_text


def test_the_judge_cleans_what_it_is_told() -> None:
    text = "\x1b[31mValueError: \u202e\ud800<b>\x00" + "y" * 10**6
    failure = student_error({"ok": False, "error": {"type": "\x1b]0;x\x07Value\nError" * 99, "text": text}})
    assert failure.text.startswith("ValueError: <b>yyy")
    assert len(failure.text) == 20_000
    assert len(failure.kind) == 100
    assert failure.text == clean_text(failure.text)
    assert failure.kind == clean_text(failure.kind)


@pytest.mark.parametrize("reply", [{}, {"error": "text"}, {"error": None}, {"error": []}])
def test_an_answer_without_an_error_makes_no_sense(reply: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError):
        student_error(reply)


@pytest.mark.parametrize("error", [{}, {"type": 3, "text": ["x"]}, {"type": None, "text": {}}])
def test_an_error_that_is_no_text_is_empty(error: dict[str, Any]) -> None:
    assert student_error({"error": error}).text == ""
