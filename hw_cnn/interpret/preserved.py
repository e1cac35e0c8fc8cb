"""A network that is looked at stays as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from hw_cnn import _memory


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Put `model` into evaluation mode, and give every module its own mode back at the end.

    Random numbers that are drawn within, on the CPU or on the network's devices, are drawn again afterwards.
    """
    _memory.hold_once()
    modes = [(module, module.training) for module in model.modules()]
    devices = {parameter.device for parameter in model.parameters() if parameter.is_cuda}
    with torch.random.fork_rng(sorted(devices, key=str)):
        try:
            model.eval()
            yield
        finally:
            for module, mode in modes:
                module.training = mode


def on_device_of(model: nn.Module, tensor: Tensor) -> Tensor:
    """Give `tensor` on the device of the first parameter of `model`; as it is where there are no parameters."""
    parameter = next(model.parameters(), None)
    return tensor if parameter is None else tensor.to(parameter.device)


def kind_of(model: nn.Module) -> dict[str, Any]:
    """Give the `device` and `dtype` of the first parameter of `model`, for tensors that are made for it."""
    parameter = next(model.parameters(), torch.empty(0))
    return {"device": parameter.device, "dtype": parameter.dtype}
