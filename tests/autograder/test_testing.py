"""Comparisons of tests: what differs is told in two languages, and no number of a hidden test is."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
import torch
from torch import nn

from autograder.testing import (
    SENTENCES,
    Difference,
    as_answer,
    as_number,
    as_tensor,
    assert_close,
    check_weights_work,
    check_width,
    idle_parameters,
    used_and_idle,
)

ONE = torch.tensor([1.0])


@pytest.mark.parametrize(
    ("actual", "expected", "russian", "english"),
    [
        (
            [1.0],
            ONE,
            "карта: вместо тензора получено значение типа list; верните тензор и не выходите за пределы torch: "
            "у чисел вне torch нет градиента",
            "map: got a value of type list where a tensor was expected; return a tensor and stay within torch: "
            "numbers outside of it have no gradient",
        ),
        (
            ONE.double(),
            ONE,
            "карта: тип чисел float64, нужен float32",
            "map: the dtype is float64, it should be float32",
        ),
        (
            torch.ones(1, 1),
            ONE,
            "карта: форма (1, 1), нужна (1,)",
            "map: the shape is (1, 1), it should be (1,)",
        ),
        (
            ONE / 0,
            ONE,
            "карта: среди чисел есть NaN или бесконечность",
            "map: some of the numbers are NaN or infinite",
        ),
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


@pytest.mark.parametrize(
    "value", [True, torch.tensor(True), torch.tensor([[True]]), np.bool_(True), np.array(True)]
)
def test_what_holds_one_yes_is_a_yes(value: object) -> None:
    assert as_answer(value) is True


@pytest.mark.parametrize(
    "value", [1, "True", None, [True], torch.ones(1), torch.tensor([True, True]), np.zeros(0, bool)]
)
def test_what_is_neither_yes_nor_no_is_told(value: object) -> None:
    with pytest.raises(Difference) as told:
        as_answer(value)
    assert told.value.name == "answer"


def test_a_missing_return_is_told_where_a_yes_or_no_was_expected() -> None:
    with pytest.raises(Difference, match="got None where True or False was expected; is a return missing"):
        as_answer(None)


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
    assert "60965224 parameters, there should be 481744" in told.value.said("en")


@pytest.mark.parametrize("parts", [[], [("", "Net", 481_744)], [("", "Net", 9 * 481_744)]])
def test_other_sizes_are_for_other_tests(parts: list[tuple[str, str, int]]) -> None:
    check_width(parts, 481_744)


class Here:
    """Networks of this process, as the fixture `student` hands them over."""

    def parameters(self, module: nn.Module) -> dict[str, torch.Tensor]:
        return {name: value.detach().clone() for name, value in module.named_parameters()}

    def set_parameters(self, module: nn.Module, values: Mapping[str, torch.Tensor]) -> None:
        own = dict(module.named_parameters())
        with torch.no_grad():
            for name, value in values.items():
                own[name].copy_(value)

    def predict(self, module: nn.Module, x: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            return module.eval()(x)

    def state_dict(self, module: nn.Module) -> dict[str, torch.Tensor]:
        return {name: value.clone() for name, value in module.state_dict().items()}


class TwoLayers(nn.Module):
    """Two dense layers; `left_over`: and one that forward does not use; `idle`: nor does it use the first."""

    def __init__(self, *, left_over: bool = False, idle: bool = False) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(4, 4), nn.Linear(4, 3)
        self.third = nn.Linear(3, 3) if left_over else None
        self.idle = idle

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.second(x if self.idle else torch.tanh(self.first(x)))


X = torch.linspace(-1, 1, 12).reshape(3, 4)


def test_parameters_that_no_answer_depends_on_are_found_and_nothing_is_changed() -> None:
    network = TwoLayers(left_over=True)
    before = Here().state_dict(network)
    assert idle_parameters(np.random.default_rng(0), Here(), network, X) == {"third.weight", "third.bias"}
    assert all(torch.equal(value, before[name]) for name, value in Here().state_dict(network).items())


def test_a_state_dict_is_parted_only_where_there_is_more_than_enough() -> None:
    rng, network = np.random.default_rng(0), TwoLayers(left_over=True)
    used, idle = used_and_idle(rng, Here(), network, X, 4)
    assert (set(used), set(idle)) == (
        {"first.weight", "first.bias", "second.weight", "second.bias"},
        {"third.weight", "third.bias"},
    )
    assert used_and_idle(rng, Here(), network, X, 6)[1] == {}
    assert used_and_idle(rng, Here(), TwoLayers(idle=True), X, 4)[1] == {}


@pytest.mark.parametrize(
    ("network", "num_weights", "said"),
    [
        (TwoLayers(), None, None),
        (TwoLayers(left_over=True), 2, None),
        (TwoLayers(left_over=True), None, "third.weight does not work"),
        (TwoLayers(idle=True), 2, "first.weight does not work"),
        (TwoLayers(left_over=True, idle=True), 2, "does not work on the image"),
    ],
)
def test_each_weight_works_or_is_beside_enough_that_do(
    network: nn.Module, num_weights: int | None, said: str | None
) -> None:
    rng = np.random.default_rng(0)
    if said is None:
        logits = check_weights_work(rng, Here(), network, X, 3, num_weights)
        assert torch.equal(logits, Here().predict(network, X))
    else:
        with pytest.raises(AssertionError, match=said):
            check_weights_work(rng, Here(), network, X, 3, num_weights)


def test_nothing_is_no_tensor_and_a_gradient_that_does_not_arrive_is_told_as_such() -> None:
    assert Difference("type", "карта / map", found="NoneType").said("en") == (
        "map: got None where a tensor was expected; is a return missing?"
    )
    said = Difference("type", "градиент по картинке / gradient of the image", found="NoneType").said("ru")
    assert said.startswith("градиент по картинке: градиент не доходит, результат отрезан от графа")


@pytest.mark.parametrize(
    "what", ["градиент по картинке", "gradient of the image", "Градиент", "grad / gradient"]
)
def test_an_edition_of_one_language_knows_a_gradient(what: str) -> None:
    assert Difference("type", what, found="NoneType").is_without_gradient
    assert not Difference("type", what, found="list").is_without_gradient
    assert not Difference("values", what).is_without_gradient
    assert not Difference("type", "карта / map", found="NoneType").is_without_gradient


@pytest.mark.parametrize("expected", [torch.ones(2), torch.ones(3).double(), torch.ones(3) + 1])
def test_a_difference_keeps_both_tensors(expected: torch.Tensor) -> None:
    got = torch.ones(3, requires_grad=True)
    with pytest.raises(Difference) as caught:
        assert_close(got, expected)
    assert caught.value.pair is not None
    assert torch.equal(caught.value.pair[0], got.detach())
    assert caught.value.pair[1] is not None
    assert not caught.value.pair[0].requires_grad


def test_a_difference_of_values_knows_what_was_allowed() -> None:
    with pytest.raises(Difference) as caught:
        assert_close(ONE + 1, ONE, rtol=0.25, atol=0.5)
    assert caught.value.tolerance == (0.25, 0.5)


@pytest.mark.parametrize(
    ("value", "is_outside"), [((1.0,), True), (1.0, True), ("text", False), (None, False)]
)
def test_advice_stands_beside_numbers_only(value: object, is_outside: bool) -> None:
    with pytest.raises(Difference) as caught:
        assert_close(value, ONE)
    assert ("stay within torch" in caught.value.said("en")) is is_outside
