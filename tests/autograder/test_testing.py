"""Comparisons of tests: what differs is told in two languages, and no number of a hidden test is."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from autograder.testing import SENTENCES, Difference, as_number, as_tensor, assert_close, check_width

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


@pytest.mark.parametrize(
    "value",
    [
        2,
        2.0,
        torch.tensor(2),
        torch.tensor([[2.0]]),
        torch.tensor(2.0, requires_grad=True),
        np.array(2),
        np.full((1, 1), 2.0),
    ],
)
def test_what_holds_one_number_is_a_number(value: object) -> None:
    assert as_number(value) == 2.0


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (True, "number"),
        ("2", "number"),
        (None, "number"),
        ([2.0], "number"),
        (torch.ones(2), "number"),
        (torch.tensor(True), "number"),
        (np.array(1j), "number"),
        (np.zeros(0), "number"),
        (float("nan"), "not finite"),
        (torch.tensor(float("inf")), "not finite"),
        (10**400, "not finite"),
    ],
)
def test_what_is_no_number_is_told(value: object, name: str) -> None:
    with pytest.raises(Difference) as told:
        as_number(value, "потери / loss")
    assert told.value.name == name


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
def test_another_floating_type_costs_nothing_where_any_will_do(dtype: torch.dtype) -> None:
    assert_close(ONE.to(dtype), ONE, any_float=True)
    with pytest.raises(Difference, match="wrong values"):
        assert_close(ONE.to(dtype) + 1, ONE, any_float=True)


@pytest.mark.parametrize("dtype", [torch.int64, torch.bool])
def test_whole_numbers_are_no_floating_type(dtype: torch.dtype) -> None:
    with pytest.raises(Difference, match="dtype"):
        assert_close(ONE.to(dtype), ONE, any_float=True)


def test_a_network_that_ignores_its_width_is_told() -> None:
    parts = [("", "Net", 60_965_224), ("conv1", "Conv2d", 34_944)]
    with pytest.raises(Difference) as told:
        check_width(parts, 481_744)
    assert told.value.name == "width"
    assert "60965224 parameters, expected 481744" in told.value.said("en")


@pytest.mark.parametrize("parts", [[], [("", "Net", 481_744)], [("", "Net", 9 * 481_744)]])
def test_other_sizes_are_for_other_tests(parts: list[tuple[str, str, int]]) -> None:
    check_width(parts, 481_744)


@pytest.mark.parametrize("expected", [torch.ones(2), torch.ones(3).double(), torch.ones(3) + 1])
def test_a_difference_keeps_both_tensors(expected: torch.Tensor) -> None:
    got = torch.ones(3, requires_grad=True)
    with pytest.raises(Difference) as caught:
        assert_close(got, expected)
    assert caught.value.pair is not None
    assert torch.equal(caught.value.pair[0], got.detach())
    assert caught.value.pair[1] is not None
    assert not caught.value.pair[0].requires_grad
