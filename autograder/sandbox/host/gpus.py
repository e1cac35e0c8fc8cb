"""The GPUs of this machine, asked in a process of their own, and how they are shared among submissions."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from autograder.sandbox.host.connection import DeviceError, DeviceMemoryError, device_error, is_full
from autograder.wire.frames import Arrays, Message
from autograder.wire.safe_text import clean_line

ASK_S = 120.0
# What CUDA itself takes of a GPU in each process, with cuDNN and cuBLAS, before a tensor is there.
CONTEXT_MB = 1024
# What CUDA takes of the machine's memory in each worker beside what the manifest gives a submission.
HOST_MB = 4096


@dataclass(frozen=True)
class Gpu:
    """`visible`: what CUDA_VISIBLE_DEVICES calls it, an index or the name of a GPU or of a part of one."""

    visible: str
    memory_mb: int


@dataclass(frozen=True)
class Share:
    """What one submission at a time has of the GPUs: `fraction` of the memory of one."""

    visible: str | None
    fraction: float = 1.0


def ask() -> list[Gpu]:
    """All GPUs that may be used here; each has computed. Raises: DeviceError saying why there is none.

    The question is asked in other processes: the grader's own must stay free of CUDA to fork.
    """
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    if named is None:
        return [Gpu(str(found["index"]), found["memory_mb"]) for found in _ask(None)]
    # CUDA uses at most one part of a divided GPU in a process, however many are named: each name is asked by itself.
    names = [name.strip() for name in named.split(",") if name.strip()]
    return [Gpu(name, found["memory_mb"]) for name in names or [""] for found in _ask(name)[:1]]


def _ask(visible: str | None) -> list[Mapping[str, Any]]:
    environment = dict(os.environ)
    if visible is not None:
        environment["CUDA_VISIBLE_DEVICES"] = visible
    code = "from autograder.sandbox.runner import device; device.main()"
    command = [sys.executable, "-P", "-c", code]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=ASK_S, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        raise DeviceError(f"no answer within {ASK_S:g} s") from None
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise DeviceError(clean_line(last)) from None
    if "failed" in answer:
        raise device_error(clean_line(answer["failed"]))
    return list(answer["gpus"])


def shares(gpus: Sequence[Gpu], memory_mb: int, most: int) -> tuple[Share, ...]:
    """At most `most` shares, spread over the GPUs, each with room for `memory_mb` and what CUDA itself takes.

    A GPU that is too small for one is one share. What is left over goes to the shares of its GPU.
    """
    room = {gpu.visible: max(1, gpu.memory_mb // (memory_mb + CONTEXT_MB)) for gpu in gpus}
    taken = dict.fromkeys(room, 0)
    order: list[str] = []
    while len(order) < most and (free := [name for name in room if taken[name] < room[name]]):
        name = min(free, key=lambda name: taken[name])
        taken[name] += 1
        order.append(name)
    fractions = {
        gpu.visible: max(0.05, 1 / max(1, taken[gpu.visible]) - CONTEXT_MB / max(gpu.memory_mb, 1))
        for gpu in gpus
    }
    return tuple(Share(name, _rounded_down(fractions[name])) for name in order)


def _rounded_down(fraction: float) -> float:
    return int(min(1.0, fraction) * 10_000) / 10_000


def host_memory_mb(memory_mb: int, device: str) -> int:
    """How much of the machine's memory a worker may use: `memory_mb` of a manifest does not bind CUDA's own."""
    return memory_mb + HOST_MB if device == "cuda" else memory_mb


class _Asked(Protocol):
    """A worker."""

    def request(
        self, message: Message, arrays: Mapping[str, Any], *, timeout_s: float, cpu_s: float | None = None
    ) -> tuple[Message, Arrays]: ...

    def close(self) -> object: ...


class OnGpu:
    """A worker on a GPU: that its memory is full is an answer about the machine, not about the student's code."""

    def __init__(self, worker: _Asked) -> None:
        self._worker = worker

    def request(
        self, message: Message, arrays: Mapping[str, Any], *, timeout_s: float, cpu_s: float | None = None
    ) -> tuple[Message, Arrays]:
        """As of the worker. Raises: DeviceMemoryError too."""
        reply, received = self._worker.request(message, arrays, timeout_s=timeout_s, cpu_s=cpu_s)
        error = reply.get("error")
        if type(error) is dict and is_full(error.get("message"), error.get("type")):
            raise DeviceMemoryError(f"the memory of the GPU is full: {clean_line(error.get('message'))}")
        return reply, received

    def close(self) -> object:
        """End the worker."""
        return self._worker.close()
