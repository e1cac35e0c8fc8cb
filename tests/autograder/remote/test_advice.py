"""What is said in place of, and beside, an exception's own words: on what Python and torch really say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from autograder.remote.advice import BESIDE, OF_DRIVERS, beside, in_place_of
from autograder.sandbox.runner.drivers import parameter_gradients, predict
from autograder.sandbox.runner.tensors import Handles, Unsendable, encode_value
from autograder.text import has_russian

NOTHING: Any = None
PAIR: Any = (1, 2)


def f(x: object, stride: int = 1) -> object:
    return x


class NoForward(nn.Module):
    """Nothing is written."""


class NoStart(nn.Module):
    """Its __init__ does not call that of nn.Module."""

    def __init__(self) -> None:
        self.layer = nn.ReLU()


def leaf() -> None:
    x = torch.ones(2, requires_grad=True)
    x += 1


def empty_slice(ph: int, pw: int) -> None:
    padded = torch.zeros(1, 1, 5, 5)
    padded[:, :, ph:-ph, pw:-pw] = torch.ones(1, 1, 5 - 2 * ph, 5 - 2 * pw)


def set_mean(mean: Callable[[torch.Tensor], Any]) -> None:
    torch.zeros(2)[0] = mean(torch.ones(1, 2))


def changed_later() -> None:
    x = torch.ones(2, requires_grad=True)
    y = x.exp()
    y += 1
    y.sum().backward()


@pytest.mark.parametrize(
    ("fail", "said"),
    [
        (lambda: f(1, step=2), "Keep the names of the arguments"),  # type: ignore[call-arg]
        (lambda: f(), "Compare the arguments and their defaults"),  # type: ignore[call-arg]
        (lambda: f(1, 2, 3), "Compare the arguments and their defaults"),  # type: ignore[call-arg]
        (lambda: 5 // PAIR, "is a tuple here"),
        (lambda: F.pad(torch.ones(1, 1, 2, 2), (PAIR,) * 4), "is a tuple here"),
        (lambda: range(PAIR), "is a tuple here"),
        (lambda: NOTHING[0], "A value is None here"),
        (lambda: NOTHING.view(1), "A value is None here"),
        (lambda: 1 + NOTHING, "A value is None here"),
        (NoStart, "begins with a call of super().__init__()"),
        (lambda: NoForward()(1), "The class has no method forward"),
        (lambda: torch.ones(2)[2], "The index leaves the tensor"),
        (lambda: [1][1], "The index leaves the tensor"),
        (lambda: torch.ones(2, 2).max(3), "The tensor has no such axis"),
        (lambda: torch.ones(1).sum().backward(), "The gradient does not reach the input"),
        (leaf, "The function changes its input in place"),
        (changed_later, "was changed in place later"),
        (
            lambda: nn.Linear(3, 1)(torch.ones(1, 4)),
            "The dense layer got a vector of 4 numbers, it expects 3",
        ),
        (
            lambda: nn.Linear(3, 1)(torch.ones(2, 6)),
            "The dense layer got a vector of 6 numbers, it expects 3",
        ),
        (
            lambda: nn.Linear(6, 1)(torch.ones(1, 3)),
            "The dense layer got a vector of 3 numbers, it expects 6",
        ),
        (
            lambda: nn.Linear(3, 1)(torch.ones(2, 3, 1).flatten()),
            "into one vector (6 = 2·3): flatten from axis 1",
        ),
        (lambda: torch.stack([0, 0]), "A number stands in the list, not a tensor"),  # type: ignore[list-item]
        (lambda: torch.stack([torch.ones(1, 2).max(1)]), "gave a pair, the values and their places"),  # type: ignore[list-item]
        (lambda: torch.ones(2, 3) + torch.ones(2, 2), "The shapes do not fit"),
        (
            lambda: nn.Conv2d(1, 1, (3, 2))(torch.ones(1, 1, 2, 3)),
            "The kernel is higher or wider than the image",
        ),
        (lambda: torch.ones(6).view(4), "cannot change how many numbers a tensor holds"),
        (lambda: torch.ones(6).reshape(1, 4, 1, 1), "cannot change how many numbers a tensor holds"),
        (lambda: 1 if torch.ones(2) else 2, "Ask `if bias is not None:`"),
        (lambda: 1 if torch.ones(2) == torch.ones(2) else 2, "torch.equal whether two tensors are equal"),
        (lambda: torch.ones(3)[::-1], "no slices with a negative step: use flip"),
        (lambda: empty_slice(0, 1), "or ends at -0 (write H - p for -p)"),
        (lambda: empty_slice(1, 0), "or ends at -0 (write H - p for -p)"),
        (lambda: torch.ones(3, 5)[:, 0:-0] + torch.ones(3, 5), "or ends at -0 (write H - p for -p)"),
        (lambda: torch.ones(3, 5) - torch.ones(3, 5)[0:-0], "or ends at -0 (write H - p for -p)"),
        (
            lambda: torch.allclose(torch.ones(1, 0, 5), torch.ones(1, 4, 5)),
            "or ends at -0 (write H - p for -p)",
        ),
        (lambda: torch.ones(3, 4) + torch.ones(2, 4), "print .shape of both tensors"),
        (lambda: set_mean(lambda x: x.mean(1).values), "only what max and min with dim give has that"),
        (lambda: torch.ones(2).mean[0], "A method without its parentheses"),  # type: ignore[index]
        (lambda: torch.ones(2, 2).double() @ torch.ones(2, 2), "Dtypes are mixed"),
        (lambda: nn.Conv2d(1, 1, 1)(torch.ones(1, 1, 2, 2).double()), "Dtypes are mixed"),
        (lambda: {}["key"], None),
        (lambda: np.ones(2).reshape(3), None),
    ],
)
def test_advice_on_what_python_and_torch_say(fail: Callable[[], object], said: str | None) -> None:
    with pytest.raises(Exception) as caught:  # noqa: PT011 -- its kind is what is asked about
        fail()
    advice = beside(type(caught.value).__name__, str(caught.value))
    assert (advice is None) == (said is None), caught.value
    assert said is None or said in advice.en  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("TypeError", "training_step returned a NoneType; return the loss as a tensor", "returned None (is a return"),
        ("TypeError", "training_step returned a float; return the loss as a tensor", "without .item() or float()"),
        ("TypeError", "training_step returned a list; return the loss as a tensor", "it returned list."),
        ("TypeError", "configure_optimizers returned a list; return an optimizer", "an optimizer; it returned list."),
        ("TypeError", "the result is a ndarray, not a tensor, so it has no gradient", "it returned ndarray."),
        (
            "ValueError", "the result has shape (2,), a gradient was asked for shape (2, 1)",
            "The shape of the result is (2,), it should be (2, 1).",
        ),
        ("ReturnedValueError", "train_seminar returned a NoneType; return it", "it returned None (is"),
        ("ReturnedValueError", "a tensor has dtype torch.bfloat16, which cannot be compared; return", "dtype bfloat16"),
        ("ReturnedValueError", "something else", "Your code ran, but its result cannot be compared"),
        ("LazyLayersError", "without numbers", "Layers of the network have no weights yet"),
        ("KeyError", "training_step returned a NoneType; so", None),
        ("TypeError", "mine", None),
    ],
)  # fmt: skip
def test_a_sentence_in_place_of_the_drivers_words(kind: str, text: str, said: str | None) -> None:
    found = in_place_of(kind, f"Traceback (most recent call last):\n  ...\n{kind}: {text}")
    assert (found is None) == (said is None)
    assert said is None or said in found.en  # type: ignore[union-attr]


def test_a_plain_tensor_among_weights_is_no_parameter() -> None:
    with pytest.raises(RuntimeError) as caught:
        nn.Flatten().load_state_dict({"weight": torch.ones(1)})
    said = beside("RuntimeError", str(caught.value))
    assert said is not None
    assert "nn.Parameter" in said.en


def test_both_languages_have_the_same_blanks() -> None:
    for text in [said for _, said, _ in OF_DRIVERS] + [said for _, _, said in BESIDE]:
        assert text.ru.count("{") == text.en.count("{")


def raised(function: Callable[[], object]) -> str:
    with pytest.raises((Unsendable, TypeError)) as caught:
        function()
    return str(caught.value)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (torch.ones(2, 2).to_sparse(), "The result is a sparse or nested tensor"),
        (torch.ones(2, device="meta"), "on the device meta"),
        (torch.ones(2, dtype=torch.bfloat16), "A result of dtype bfloat16"),
        (torch.ones(2, dtype=torch.complex64), "A result of dtype complex64"),
        (np.ones(2, dtype=np.complex64), "A result of dtype complex64"),
        (torch.ones((1,) * 40), "The result has too many axes"),
        (torch.ones(1).expand(1 << 40), "The result is far too large"),
    ],
)
def test_whatever_cannot_be_sent_is_said_in_both_languages(value: object, said: str) -> None:
    text = raised(lambda: encode_value(value, {}, Handles()))
    found = in_place_of("ReturnedValueError", text)
    assert found is not None
    assert said in found.en
    assert has_russian(found.ru)
    assert found == in_place_of("ReturnedValueError", text, of_hidden=True), "these hold no number of a call"


class Gives(nn.Module):
    """A network that gives what it is told to give."""

    def __init__(self, value: object) -> None:
        super().__init__()
        self.value = value

    def forward(self, _: torch.Tensor) -> object:
        return self.value


@pytest.mark.parametrize(
    ("value", "said"), [(None, "None (is a return missing?)"), ((1, 2), "tuple"), (Gives(1), "Gives")]
)
def test_what_a_network_gives_besides_a_tensor_is_named(value: object, said: str) -> None:
    x = torch.ones(1, 1)
    for ask in (
        lambda: predict(torch.device("cpu"), Gives(value), x, 1),
        lambda: parameter_gradients(torch.device("cpu"), Gives(value), x, x),
    ):
        found = in_place_of("TypeError", raised(ask))
        assert found is not None
        assert found.en == f"The network's forward should return a tensor; it returned {said}."
