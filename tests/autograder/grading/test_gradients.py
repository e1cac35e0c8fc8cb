"""What is said of a gradient that does not arrive: of all arguments, or of the one that the code does not use."""

from __future__ import annotations

import pytest
import torch

from autograder.remote.records import CallRecord, cut_off_argument
from autograder.text import Lang
from tests.autograder.grading.own_code import outcomes

X = torch.ones(1)
ALL_SETTINGS = "test_f1.py::test_gradients_of_all_settings"
CONVOLUTION = """
import torch.nn.functional as F

def conv2d(x, weight, bias=None, stride=1, padding=0):
    return F.conv2d(x, weight, BIAS, stride, padding)
"""


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("ru", "Градиент по bias не доходит, а по другим аргументам доходит: bias в вычислении не участвует"),
        ("en", "No gradient reaches bias, other arguments get one: bias takes no part in the computation"),
    ],
)
@pytest.mark.parametrize("bias", ["None", "bias.detach()"])
def test_an_unused_argument_is_named_and_its_gradient_shown(
    monkeypatch: pytest.MonkeyPatch, lang: Lang, words: str, bias: str
) -> None:
    found = outcomes(monkeypatch, CONVOLUTION.replace("BIAS", bias), [ALL_SETTINGS], lang)[ALL_SETTINGS]
    assert words in found.message
    assert found.difference is not None
    assert (found.difference.kind, found.difference.found) == ("no gradient", "bias")
    assert found.example is not None
    assert "None" in found.example.got
    last = found.example.arrays[-1]
    assert last.title(lang) == {"ru": "ожидалось: градиент по bias", "en": "expected: gradient of bias"}[lang]
    assert any(number for row in last.parts[0].rows for number in row)
    assert max(max(grid.shape, default=0) for grid in found.example.arrays) < 6


def test_a_result_without_graph_has_no_argument_to_blame(monkeypatch: pytest.MonkeyPatch) -> None:
    source = CONVOLUTION.replace("BIAS", "bias").replace("padding)\n", "padding).detach()\n")
    found = outcomes(monkeypatch, source, [ALL_SETTINGS])[ALL_SETTINGS]
    assert "No gradient arrives: the result is cut off from the graph." in found.message
    assert found.difference is not None
    assert found.difference.found == ""
    assert found.example is not None
    assert "gradient" in found.example.expected


def test_only_parameters_that_are_known_are_named() -> None:
    call = CallRecord("conv2d", (), {}, {"requires_grad": (0, 1)}, grads=(None, X))
    assert cut_off_argument([call], lambda _: ["x", "weight"]) == "x"
    assert cut_off_argument([call], lambda _: []) == ""
    assert cut_off_argument([], lambda _: ["x"]) == ""
