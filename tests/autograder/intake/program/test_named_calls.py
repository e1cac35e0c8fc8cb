"""Forbidden calls in the text of a task: every spelling that can be read, and nothing that is not the task."""

from __future__ import annotations

import pytest

from autograder.intake.program.named_calls import named_calls
from tests.autograder.intake.program.support import program_of

FORBIDDEN = (
    "torch.nn.functional.conv2d", "torch.nn.Conv2d", "torch.nn.functional.unfold", "numpy.convolve", "scipy.signal",
    "torchvision.models",
)  # fmt: skip
START = "import torch, numpy as np, importlib\nimport torch.nn.functional as F\nfrom torch import nn\n"


def found(body: str, start: str = START) -> list[tuple[str, int]]:
    program = program_of(f"{start}def conv(x, w):\n    {body}")
    return [(call.name, call.line) for call in named_calls(program.lines, FORBIDDEN)]


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("return F.conv2d(x, w)", FORBIDDEN[0]),
        ("return torch.conv2d(x, w)", FORBIDDEN[0]),
        ("return F.conv1d(x, w)", FORBIDDEN[0]),
        ("return torch.nn.functional.conv2d(x, w)", FORBIDDEN[0]),
        ("return torch.ops.aten.convolution.default(x, w)", FORBIDDEN[0]),
        ("return torch.nn.grad.conv2d_input(x, w)", FORBIDDEN[0]),
        ("return getattr(F, 'conv2d')(x, w)", FORBIDDEN[0]),
        ("return importlib.import_module('torch.nn.functional').conv2d(x, w)", FORBIDDEN[0]),
        ("return __import__('torch').conv2d(x, w)", FORBIDDEN[0]),
        ("exec('import torch as t; y = t.conv2d(x, w)')", FORBIDDEN[0]),
        ("from torch.nn.functional import conv2d as ready; return ready(x, w)", FORBIDDEN[0]),
        ("g = torch.nn.functional; return g.conv2d(x, w)", FORBIDDEN[0]),
        ("return nn.Conv2d(1, 1, 1)(x)", FORBIDDEN[1]),
        ("return nn.LazyConv2d(1, 1)(x)", FORBIDDEN[0]),
        ("return F.unfold(x, 3)", FORBIDDEN[2]),
        ("return nn.Unfold(3)(x)", FORBIDDEN[2]),
        ("return np.convolve(x, w)", FORBIDDEN[3]),
        ("from scipy import signal; return signal.anything(x)", FORBIDDEN[4]),
        ("import scipy.signal as s; return s.convolve2d(x, w)", FORBIDDEN[4]),
        ("import torchvision; return torchvision.models.alexnet()", FORBIDDEN[5]),
    ],
)
def test_a_spelling_is_found(body: str, name: str) -> None:
    assert found(body) == [(name, 5)]


@pytest.mark.parametrize(
    "body",
    [
        '"""Unlike F.conv2d it is slow."""', "raise ValueError('conv2d: not F.conv2d')", "return conv2d(x)",
        "return x.unfold(2, 3, 1)", "return F.fold(x, 3, 3)", "return torch.fft.rfft2(x)", "return x.conv2d",
        "return np.correlate", "exec('1 +')", "F = x; return F.pad",
    ],
)  # fmt: skip
def test_other_words_are_not(body: str) -> None:
    assert found(body) == []


def test_only_what_makes_the_task_counts() -> None:
    program = program_of(
        START,
        "def helper(x):\n    return nn.Conv2d(1, 1, 1)(x)",
        "ready = F.conv2d\nassert F.unfold\nprint(np.convolve)\nfor f in [np.convolve]: pass",
    )
    calls = named_calls(program.lines, FORBIDDEN)
    assert [(call.name, call.filename, call.line) for call in calls] == [
        ("torch.nn.Conv2d", "<cell 1>", 2),
        ("torch.nn.functional.conv2d", "<cell 2>", 1),
    ]
    assert named_calls(program.lines, ()) == []
