"""A device computes before it counts, gives the same numbers each time, and says in one sentence why it does not."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
import torch

from autograder.sandbox.runner.device import first_sentence, prove, seed_torch
from autograder.wire.errors import NoAnswer
from tests.machines import ROOT


def run(code: str) -> str:
    """In another process: settings of torch are for all of one."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    return done.stdout


def test_the_cpu_answers_and_nothing_is_set_for_it() -> None:
    before = torch.are_deterministic_algorithms_enabled()
    prove("cpu")
    assert torch.are_deterministic_algorithms_enabled() is before


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU that answers")
def test_a_gpu_that_is_not_there_is_one_sentence() -> None:
    code = """
from autograder.sandbox.runner.device import prove
from autograder.wire.errors import NoAnswer
try:
    prove("cuda")
except NoAnswer as error:
    print(error)
"""
    said = run(code).strip()
    assert said
    assert "\n" not in said
    answer = json.loads(run("from autograder.sandbox.runner.device import main; main()"))
    assert answer == {"failed": said}


def test_a_device_that_computes_something_else_is_no_device() -> None:
    with pytest.raises(NoAnswer, match="meta"):
        prove("meta")


def test_kernels_are_exact_and_repeatable_and_torchs_compiler_is_not_imported() -> None:
    code = """
import json, sys, torch
from autograder.sandbox.runner.device import settle
torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = True
settle()
print(json.dumps({
    "tf32": [torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32],
    "precision": torch.get_float32_matmul_precision(),
    "repeatable": [torch.are_deterministic_algorithms_enabled(), torch.backends.cudnn.deterministic],
    "only warns": torch.is_deterministic_algorithms_warn_only_enabled(),
    "measures": torch.backends.cudnn.benchmark,
    "fills": torch.utils.deterministic.fill_uninitialized_memory,
    "compiler": "torch._inductor.config" in sys.modules,
}))
"""
    assert json.loads(run(code)) == {
        "tf32": [False, False], "precision": "highest", "repeatable": [True, True], "only warns": True,
        "measures": False, "fills": False, "compiler": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("No CUDA GPUs are available", "No CUDA GPUs are available"),
        ("Found no NVIDIA driver on your system. Please check that", "Found no NVIDIA driver on your system"),
        ("CUDA error: launch failure\nCUDA kernel errors might be", "CUDA error: launch failure"),
        ("", "RuntimeError"),
    ],
)  # fmt: skip
def test_of_what_torch_says_the_first_sentence_is_kept(text: str, said: str) -> None:
    assert first_sentence(RuntimeError(text)) == said


def test_a_seed_gives_the_numbers_that_torch_gives() -> None:
    torch.manual_seed(11)
    expected = torch.rand(5)
    seed_torch(11)
    assert torch.equal(torch.rand(5), expected)
