"""A worker on a real GPU: contained as on the CPU, with the same numbers; skipped, with the reason, where none answers.

`tests/autograder/sandbox/host/test_gpu_slot.py` shows what can be shown without one: device
nodes, no cap on address space.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import torch

from autograder.course.manifest import Limits
from autograder.course.symbol import Symbol
from autograder.remote.student import Student
from autograder.sandbox.host.probe import probe
from autograder.sandbox.host.stage import Stage
from autograder.sandbox.host.zygote_client import ZygoteClient
from tests.autograder.sandbox_support import EDITION, Runner

LIMITS = Limits(load_s=60.0, call_s=60.0, test_s=180.0)  # the first call makes the context of CUDA
CODE = b"""
import torch
from torch.nn.functional import conv2d as library

def conv2d(x, weight):
    return library(x, weight)

def where():
    return torch.cuda.is_available(), torch.cuda.device_count()
"""


@cache
def reason_against() -> str:
    """Why no GPU can be used; empty if one can. Asked in another process: this one must stay free of CUDA to fork."""
    code = "import torch; torch.zeros(1).cuda(); print(torch.cuda.get_device_name())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    last = (done.stderr.strip().splitlines() or ["no word"])[-1]
    return "" if done.returncode == 0 else f"no GPU answers here: {last}"


@pytest.fixture(scope="module")
def slot() -> Iterator[tuple[Stage, ZygoteClient]]:
    if reason := reason_against():
        pytest.skip(reason)
    with (
        Stage(EDITION) as stage,
        ZygoteClient(stage, LIMITS, device="cuda", preload=("numpy", "torch")) as zygote,
    ):
        yield stage, zygote


@pytest.fixture
def student(slot: tuple[Stage, ZygoteClient]) -> Iterator[Student]:
    stage, zygote = slot
    overlay = stage.make_overlay({"hw_cnn/layers/double.py": CODE})
    symbols = [Symbol("hw_cnn.layers.double", name) for name in ("conv2d", "where")]
    made = Student(lambda: zygote.spawn(overlay), symbols, LIMITS)
    yield made
    made.close()
    stage.remove_overlay(overlay)


def test_the_zygote_itself_has_not_touched_it(slot: tuple[Stage, ZygoteClient]) -> None:
    assert "libcuda.so" not in Path(f"/proc/{slot[1].pid}/maps").read_text()


def test_it_is_contained_as_on_the_cpu(slot: tuple[Stage, ZygoteClient]) -> None:
    report = slot[1].report
    assert report.tier == probe().tier
    layers = " ".join(report.layers)
    assert "seccomp" in layers
    assert "address space" not in layers, "CUDA maps more than any machine has"


def test_values_and_gradients_are_those_of_the_cpu(student: Student) -> None:
    generator = torch.Generator().manual_seed(0)
    x, weight = (
        torch.randn(shape, generator=generator, dtype=torch.float64) for shape in ((2, 3, 9, 9), (4, 3, 3, 3))
    )
    x.requires_grad_()
    expected = torch.nn.functional.conv2d(x, weight)
    upstream = torch.randn(expected.shape, generator=generator, dtype=torch.float64)
    (gradient,) = torch.autograd.grad(expected, x, upstream)
    asked = student.conv2d.options(requires_grad=(0,), upstream=upstream)
    result = asked(x.detach(), weight)
    assert result.device == "cuda"
    torch.testing.assert_close(result.out, expected.detach())
    torch.testing.assert_close(result.grads[0], gradient)
    assert not result.out.is_cuda, "what arrives here is on the CPU"


def test_each_worker_makes_its_own_context(student: Student) -> None:
    for _ in range(2):
        available, count = student.where()
        assert available
        assert count >= 1
        student.renew()


def test_a_worker_for_the_cpu_sees_none(slot: tuple[Stage, ZygoteClient]) -> None:
    stage, zygote = slot
    with zygote.spawn(stage.make_overlay({}), device="cpu") as worker:
        runner = Runner(worker)
        runner.run("import torch")
        assert runner.value("torch.cuda.is_available()", timeout_s=60.0) is False
