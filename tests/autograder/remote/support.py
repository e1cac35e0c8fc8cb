"""Code of a student as the tests of this folder load it, and symbols that name what it holds."""

from __future__ import annotations

import torch

from autograder.course.symbol import Symbol
from autograder.intake.load_plan import Namespace, Statement
from autograder.text import Text


def piece(
    source: str,
    binds: tuple[str, ...] = (),
    namespace: Namespace = "notebook",
    *,
    names: tuple[str, ...] = (),
    tried: bool = False,
    place: str = "code cell 1",
) -> Statement:
    """A statement of a cell."""
    return Statement(
        namespace, source, "<cell F1>", 1, binds, names or binds, Text(ru=place, en=place), tried
    )


SOURCE = """
import os, time, torch
from torch import nn

def conv(x, w, bias=None, scale=1):
    out = x @ w * scale
    return out if bias is None else out + bias

class Net(nn.Module):
    def __init__(self, width=2):
        super().__init__()
        self.layer = nn.Linear(width, width, dtype=torch.float64)
        self.width = width
    def forward(self, x):
        return self.layer(x)
    def twice(self, x):
        return 2 * self(x)

def sleep(seconds): time.sleep(seconds)
def leave(code): os._exit(code)
def fail(): raise ValueError("mine")
def unwritten(): raise NotImplementedError("task F1")
"""
FUNCTIONS = ("conv", "Net", "sleep", "leave", "fail", "unwritten")
NAMES = {name: f"hw_cnn.scratch:{name}" for name in FUNCTIONS} | {"missing": "hw_cnn.scratch:missing"}
SYMBOLS = [Symbol.parse(path) for path in NAMES.values()]


def tensors(*shapes: tuple[int, ...]) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(shape, dtype=torch.float64, generator=generator) for shape in shapes]
