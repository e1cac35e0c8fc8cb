"""A worker on a real GPU: contained as on the CPU, with the same numbers; skipped, with the reason, where none answers.

`tests/autograder/sandbox/host/test_gpu_slot.py` shows what can be shown without one: device
nodes, no cap on address space.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from autograder.course.manifest import load_manifest
from autograder.course.symbol import Symbol
from autograder.remote.student import Student
from autograder.sandbox.host.probe import probe
from autograder.sandbox.host.stage import Stage
from autograder.sandbox.host.zygote_client import ZygoteClient
from tests.autograder.sandbox_support import EDITION, Runner
from tests.gpu.support import needs_a_gpu
from tests.machines import ROOT

# Those of the homework: the context of CUDA is there before the first call.
LIMITS = load_manifest(ROOT / "assignments" / "seminar_cnn").limits
CODE = b"""
import torch
from torch.nn.functional import conv2d as library

def conv2d(x, weight):
    return library(x, weight)

def where():
    return torch.cuda.is_available(), torch.cuda.device_count()

def product(a, b):
    return a @ b
"""


@pytest.fixture(scope="module")
def slot() -> Iterator[tuple[Stage, ZygoteClient]]:
    needs_a_gpu()
    with (
        Stage(EDITION) as stage,
        ZygoteClient(stage, LIMITS, device="cuda", preload=("numpy", "torch")) as zygote,
    ):
        yield stage, zygote


@pytest.fixture
def student(slot: tuple[Stage, ZygoteClient]) -> Iterator[Student]:
    stage, zygote = slot
    overlay = stage.make_overlay({"hw_cnn/layers/double.py": CODE})
    symbols = [Symbol("hw_cnn.layers.double", name) for name in ("conv2d", "where", "product")]
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


def test_float32_is_float32_and_repeatable(student: Student) -> None:
    """TF32 has 10 bits behind the point: sums of 512 products would be off by about one in a thousand."""
    generator = torch.Generator().manual_seed(1)
    a, b = (torch.randn(512, 512, generator=generator) for _ in range(2))
    first = student.product(a, b)
    torch.testing.assert_close(first.double(), a.double() @ b.double(), rtol=1e-4, atol=1e-4)
    assert torch.equal(first, student.product(a, b))
    x, weight = (
        torch.randn(8, 16, 32, 32, generator=generator),
        torch.randn(16, 16, 3, 3, generator=generator),
    )
    upstream = torch.randn(8, 16, 30, 30, generator=generator)
    asked = student.conv2d.options(requires_grad=(1,), upstream=upstream)
    one, two = asked(x, weight), asked(x, weight)
    assert torch.equal(one.grads[0], two.grads[0])
    exact = torch.nn.functional.conv2d(x.double(), weight.double())
    torch.testing.assert_close(one.out.double(), exact, rtol=1e-4, atol=1e-4)


def test_the_first_call_is_no_slower_than_the_limit_of_any_call(student: Student) -> None:
    """It does not make the context of CUDA, nor load cuDNN."""
    x, weight = torch.ones(1, 1, 8, 8), torch.ones(1, 1, 3, 3)
    for _ in range(2):
        assert student.conv2d(x, weight).shape == (1, 1, 6, 6)
        student.renew()


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
