"""Examples of tests that measure something else than a trained network: a call of their own, and no training."""

from __future__ import annotations

import pytest

from tests.autograder.grading.own_code import outcomes


def test_an_error_of_own_digits_is_shown_without_anybodys_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    source = "def own_digits():\n    return open('digits.npy')\n"
    (outcome,) = outcomes(monkeypatch, source, ["test_x1.py::test_own_digits"]).values()
    assert outcome.verdict == "error"
    assert outcome.example is not None
    assert outcome.example.error.startswith("FileNotFoundError")
    assert (outcome.example.expected, outcome.example.arrays) == ("", ())


def test_a_wrong_answer_of_a_timed_function_is_shown_on_a_small_image(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sides = "x.shape[2] - 2, x.shape[3] - 2"
    source = f"def conv2d_fast(x, weight):\n    return x.new_zeros(len(x), len(weight), {sides})\n"
    (outcome,) = outcomes(monkeypatch, source, ["test_f5.py::test_many_pixels"]).values()
    assert (outcome.verdict, outcome.value) == ("failed", None)
    assert outcome.example is not None
    assert outcome.example.call.startswith("conv2d_fast(")
