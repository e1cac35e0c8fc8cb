"""Whatever tensor or number a student returns comes back as plain values."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from autograder.sandbox.runner.executor import Executor
from tests.autograder.sandbox.runner.support import call, define


def test_plain_values_and_tensors_come_back(executor: Executor) -> None:
    define(executor, "def f(x): return {'y': (x * 2, [1, None, 'a', True, 2.5])}")
    x = torch.arange(3.0)
    out = call(executor, x)["out"]
    assert torch.equal(out["y"][0], 2 * x)
    assert out["y"][1] == [1, None, "a", True, 2.5]


def test_numbers_of_numpy_and_torch_sizes_are_plain_values(executor: Executor) -> None:
    define(
        executor,
        "import numpy as np, torch\ndef f(): return [np.float64(.5), np.int64(3), torch.Size([1, 2])]",
    )
    assert call(executor)["out"] == [0.5, 3, (1, 2)]


@pytest.mark.parametrize(
    "expression",
    [
        "x.conj()", "torch.complex(x, x).imag", "x.t()", "x[::2]", "nn.Parameter(x)", "x.as_subclass(Odd)",
        "x.clone().requires_grad_()", "x.view(2, 2)[0, 1]", "x[:0]",
    ],
)  # fmt: skip
def test_unusual_tensors_are_coerced(executor: Executor, expression: str) -> None:
    source = f"""
import torch
from torch import nn
class Odd(torch.Tensor):
    @classmethod
    def __torch_function__(cls, *args, **kwargs): raise RuntimeError("never")
    def numpy(self): raise RuntimeError("never")
    def detach(self): raise RuntimeError("never")
def f(x): return {expression}
"""
    define(executor, source)
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    expected = eval(expression.replace(".as_subclass(Odd)", ""), {"x": x, "torch": torch, "nn": nn})
    out = call(executor, x)["out"]
    assert out.shape == expected.shape
    assert torch.equal(out, expected)


def test_infinite_numbers_come_back(executor: Executor) -> None:
    define(executor, "def f(): return [float('inf'), float('nan'), 10 ** 400]")
    out = call(executor)["out"]
    assert out[0] == math.inf
    assert math.isnan(out[1])
    assert out[2][0] == "handle"
