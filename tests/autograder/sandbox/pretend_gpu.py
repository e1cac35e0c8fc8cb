"""A GPU for machines without one: in a process that imports this, torch computes on the CPU what is meant for CUDA.

A stand-in of hardware, to be put among the packages of workers (`Stage.site`) and preloaded by the zygote. What it
cannot show are CUDA's own demands: device nodes, sockets, memory. Those are shown by `tests/gpu` on a real one.
"""

from __future__ import annotations

from typing import Any

import torch

_real = torch.device


class _Kind(type):
    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, _real)


class Device(metaclass=_Kind):
    """As `torch.device`, but that "cuda" is the CPU."""

    def __new__(cls, *arguments: Any) -> torch.device:  # type: ignore[misc]  # it never makes one of its own
        kind = str(arguments[0])
        return _real("cpu") if kind.startswith("cuda") else _real(*arguments)


def set_fraction(fraction: float, device: object = None) -> None:
    """Remember it where code in the worker can read it."""
    torch.cuda.pretended_fraction = fraction  # type: ignore[attr-defined]


torch.device = Device  # type: ignore[assignment,misc]
torch.cuda.set_per_process_memory_fraction = set_fraction  # type: ignore[assignment]
torch.cuda.synchronize = lambda device=None: None
