"""Code of a student as the tests of this folder load it, symbols that name what it holds, and what loads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch

from autograder.course.symbol import Symbol
from autograder.intake.load_plan import LoadPlan, Namespace, Statement
from autograder.remote.loading import Clock, LoadReport, load
from autograder.remote.session import Transport
from autograder.remote.student import Student
from autograder.text import Text
from tests.autograder.sandbox_support import LIMITS, Lab


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
def apply(f, x): return f(x)
"""
FUNCTIONS = ("conv", "Net", "sleep", "leave", "fail", "unwritten", "apply")
NAMES = {name: f"hw_cnn.scratch:{name}" for name in FUNCTIONS} | {"missing": "hw_cnn.scratch:missing"}
SYMBOLS = [Symbol.parse(path) for path in NAMES.values()]


def tensors(*shapes: tuple[int, ...]) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(shape, dtype=torch.float64, generator=generator) for shape in shapes]


LOADED = {
    "double": "hw_cnn.layers.double:double",
    "four": "hw_cnn.layers.other:four",
    "value": "hw_cnn.scratch:value",
}
BIND = {name: ("notebook", name, symbol.split(":")[0]) for name, symbol in LOADED.items()}


@dataclass
class Loader:
    """Loads statements into workers, and counts those."""

    lab: Lab
    spawned: int = 0
    package: Mapping[str, bytes] = field(default_factory=dict)

    def connect(self) -> Transport:
        self.spawned += 1
        return self.lab(self.package).worker

    def __call__(
        self,
        *pieces: Statement,
        binds: tuple[str, ...] = (),
        imports: tuple[str, ...] = (),
        files: Mapping[str, bytes] | None = None,
        folder: str = "",
        load_s: float = 1.0,
    ) -> LoadReport:
        plan = LoadPlan(pieces, tuple(BIND[name] for name in binds), imports, files or {}, folder)
        return load(self.connect, plan, Clock(load_s))

    def student(self, report: LoadReport) -> Student:
        symbols = [Symbol.parse(path) for path in LOADED.values()]
        return Student(report.home.connect, symbols, LIMITS, report.unavailable, explain=report.home.explain)
