"""Comparisons of tests: what differs is told in two languages, and no number of a hidden test is."""

from __future__ import annotations

import pytest
import torch

from autograder.testing import SENTENCES, Difference, as_tensor, assert_close

ONE = torch.tensor([1.0])


@pytest.mark.parametrize(
    ("actual", "expected", "russian", "english"),
    [
        (
            [1.0],
            ONE,
            "карта: получен list, ожидался тензор",
            "map: got a value of type list, expected a tensor",
        ),
        (
            ONE.double(),
            ONE,
            "карта: тип чисел torch.float64, ожидался torch.float32",
            "map: dtype torch.float64, expected torch.float32",
        ),
        (torch.ones(1, 1), ONE, "карта: форма (1, 1), ожидалась (1,)", "map: shape (1, 1), expected (1,)"),
        (ONE / 0, ONE, "карта: есть NaN или бесконечность", "map: there is NaN or infinity"),
        (ONE + 0.25, ONE, "карта: неверные значения", "map: wrong values"),
    ],
)
def test_what_differs(actual: object, expected: torch.Tensor, russian: str, english: str) -> None:
    with pytest.raises(Difference) as caught:
        assert_close(actual, expected, what="карта / map")
    assert (caught.value.said("ru"), caught.value.said("en")) == (russian, english)
    assert str(caught.value) == english
    assert "1.25" not in russian + english


def test_a_subject_in_one_language_stays() -> None:
    found = Difference("values", "logits")
    assert (found.said("ru"), found.said("en")) == ("logits: неверные значения", "logits: wrong values")


def test_every_difference_has_a_sentence_in_both_languages() -> None:
    for sentence in SENTENCES.values():
        assert "{what}" in sentence.ru
        assert "{what}" in sentence.en


def test_what_agrees_passes() -> None:
    assert_close(ONE + 1e-9, ONE)
    assert as_tensor(ONE) is ONE
