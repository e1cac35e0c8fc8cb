"""The device that a student's code computes on: made to give the same numbers each time, and tried before it counts."""

from __future__ import annotations

import json
import sys
from typing import Any

import torch
from torch import Tensor

from autograder.wire.errors import NoAnswer

# Read by cuBLAS when it starts: without it two runs of one product may differ (its documentation, "Reproducibility").
WORKSPACE = {"CUBLAS_WORKSPACE_CONFIG": ":4096:8"}


def settle() -> None:
    """No TF32 and no kernels that are chosen by a race: results on a GPU stay near the CPU's, and are repeatable.

    Where an operation has no repeatable kernel the usual one runs: a student's code may use it.
    """
    matmul, cudnn = torch.backends.cuda.matmul, torch.backends.cudnn
    matmul.allow_tf32 = cudnn.allow_tf32 = False
    matmul.allow_fp16_reduced_precision_reduction = matmul.allow_bf16_reduced_precision_reduction = False
    cudnn.benchmark, cudnn.deterministic = False, True
    # `torch.use_deterministic_algorithms` would import torch's compiler, for seconds, in each worker.
    torch._C._set_deterministic_algorithms(True, warn_only=True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # set by a property


def seed_torch(seed: int) -> None:
    """Seed the generators of the CPU, and of GPUs where these have started.

    `torch.manual_seed` would also write down the stack for each kind of device that may start later: most of its time.
    """
    torch.default_generator.manual_seed(seed)
    if torch.cuda.is_initialized():
        torch.cuda.manual_seed_all(seed)


def prove(kind: str, fraction: float = 1.0) -> None:
    """Compute on the device, forward and backward, so that it is known to answer and nothing is first done in a call.

    fraction: of a GPU's memory, which this process may use.

    Raises: NoAnswer.
    """
    try:
        if kind != "cuda":
            _agree(torch.ones(9, device=kind).sum(), 9.0)
            return
        settle()
        torch.cuda.set_per_process_memory_fraction(fraction)
        for dtype in (torch.float32, torch.float64):
            _convolve(torch.device(kind), dtype)
        torch.cuda.synchronize()
    except Exception as error:
        raise NoAnswer(first_sentence(error)) from error


def _convolve(device: torch.device, dtype: torch.dtype) -> None:
    x, weight = (
        torch.ones(1, 1, size, size, dtype=dtype, device=device, requires_grad=True) for size in (4, 3)
    )
    out: Tensor = torch.nn.functional.conv2d(x, weight)
    (gradient,) = torch.autograd.grad(out.sum(), x)
    product = torch.eye(4, dtype=dtype, device=device) @ gradient[0, 0]
    _agree(out.sum(), 36.0)
    _agree(product.sum(), 36.0)


def _agree(sum_of_ones: Tensor, expected: float) -> None:
    if sum_of_ones.item() != expected:
        raise ArithmeticError(f"the sum of {expected:g} ones is {sum_of_ones.item():g} there")


def first_sentence(error: BaseException) -> str:
    """The first sentence of what an exception says, without the pages that torch adds."""
    lines = str(error).strip().splitlines()
    return lines[0].partition(". ")[0].rstrip(".") if lines else type(error).__name__


def describe() -> list[dict[str, Any]]:
    """Index and memory of each GPU that this process sees; each has computed. Raises: NoAnswer."""
    prove("cuda")
    found = []
    for index in range(torch.cuda.device_count()):
        total = torch.cuda.get_device_properties(index).total_memory
        found.append({"index": index, "memory_mb": total >> 20})
    return found


def main() -> None:
    """In a process of its own: print `describe()` as JSON, or why it is not possible."""
    try:
        answer: dict[str, Any] = {"gpus": describe()}
    except NoAnswer as error:
        answer = {"failed": str(error)}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
