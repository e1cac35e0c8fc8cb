"""How GPUs are asked and shared, and which answers of a worker on one are the machine's fault."""

from __future__ import annotations

import pytest

from autograder.sandbox.host.connection import DeviceError, DeviceMemoryError, device_error
from autograder.sandbox.host.gpus import CONTEXT_MB, HOST_MB, Gpu, OnGpu, ask, host_memory_mb, is_full, shares
from autograder.sandbox.jail import gpu
from tests.autograder.sandbox_support import Lab

pytest_plugins = ["tests.autograder.sandbox_support"]
MEMORY_MB = 2048
SHARE_MB = MEMORY_MB + CONTEXT_MB


@pytest.mark.parametrize(
    ("gpus", "cores", "expected"),
    [
        ([], 4, {}),
        ([("0", SHARE_MB)], 4, {"0": 1}),
        ([("0", 2 * SHARE_MB - 1)], 4, {"0": 1}),
        ([("0", 2 * SHARE_MB)], 4, {"0": 2}),
        ([("0", 100)], 4, {"0": 1}),  # too small for a share: one submission may try
        ([("0", 100 * SHARE_MB)], 4, {"0": 4}),  # a worker needs a core, too
        ([("0", 100 * SHARE_MB), ("1", 100 * SHARE_MB)], 4, {"0": 2, "1": 2}),
        ([("MIG-a", SHARE_MB), ("MIG-b", 3 * SHARE_MB)], 8, {"MIG-a": 1, "MIG-b": 3}),
        ([("0", 9 * SHARE_MB), ("1", 9 * SHARE_MB)], 1, {"0": 1}),
    ],
)
def test_slots_are_shares_of_devices(
    gpus: list[tuple[str, int]], cores: int, expected: dict[str, int]
) -> None:
    found = shares([Gpu(*one) for one in gpus], MEMORY_MB, cores)
    counts = {name: sum(share.visible == name for share in found) for name, _ in gpus}
    assert {name: count for name, count in counts.items() if count} == expected
    for name, memory_mb in gpus:
        own = [share.fraction for share in found if share.visible == name]
        if memory_mb >= SHARE_MB:
            assert sum(own) * memory_mb + len(own) * CONTEXT_MB <= memory_mb + len(own)
        assert all(0 < fraction <= 1 for fraction in own)
        if memory_mb >= SHARE_MB:
            assert all(fraction * memory_mb >= MEMORY_MB - 1 for fraction in own)


def test_the_manifests_memory_does_not_bind_what_cuda_takes_of_the_machine() -> None:
    assert host_memory_mb(MEMORY_MB, "cpu") == MEMORY_MB
    assert host_memory_mb(MEMORY_MB, "cuda") == MEMORY_MB + HOST_MB


def test_a_machine_without_a_gpu_says_why() -> None:
    if gpu.nodes():
        pytest.skip("this machine has a GPU")
    with pytest.raises(DeviceError) as failure:
        ask()
    said = str(failure.value)
    assert said
    assert "\n" not in said
    assert len(said) <= 200


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("CUDA out of memory. Tried to allocate 2.00 GiB", True),
        ("CUDA error: out of memory", True),
        ("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`", True),
        ("cuDNN error: CUDNN_STATUS_ALLOC_FAILED", True),
        ("CUDA error: an illegal memory access was encountered", False),
        ("No CUDA GPUs are available", False),
        ("[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: can't allocate memory", False),
        (None, False),
    ],
)
def test_a_full_device_is_told_from_one_that_does_not_answer(text: str | None, full: bool) -> None:
    assert is_full(text) is full
    if text is not None:
        assert isinstance(device_error(text), DeviceMemoryError) is full


def test_a_full_gpu_is_no_answer_about_the_students_code(lab: Lab) -> None:
    runner = lab()
    source = "import torch\nraise torch.OutOfMemoryError('CUDA out of memory. Tried to allocate 2.00 GiB')"
    message = {
        "op": "exec", "namespace": "notebook", "source": source, "filename": "<cell F1>", "first_line": 1,
    }  # fmt: skip
    reply, _ = runner.worker.request(message, {}, timeout_s=5.0)
    assert reply["error"]["type"] == "OutOfMemoryError", "on the CPU it is the student's own exception"
    on_gpu = OnGpu(runner.worker)
    with pytest.raises(DeviceMemoryError, match="the memory of the GPU is full: CUDA out of memory"):
        on_gpu.request(message, {}, timeout_s=5.0)
    other = {**message, "source": "raise ValueError('full of memory')"}
    assert on_gpu.request(other, {}, timeout_s=5.0)[0]["error"]["type"] == "ValueError"
    assert on_gpu.request({"op": "echo"}, {}, timeout_s=5.0)[0]["ok"] is True
