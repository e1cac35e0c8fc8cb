"""What the layers of a network give: read by forward hooks while it runs."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from typing import Any

import torch
from torch import Tensor, nn

from hw_cnn.interpret import layers, preserved


def layer_outputs(model: nn.Module, images: Tensor, names: Iterable[str]) -> dict[str, Tensor]:
    """Give the outputs of the layers `names`, in this order, when `model` runs on `images` in evaluation mode.

    They are copies without a graph: an in-place ReLU behind a layer does not change them. A layer that runs several
    times gives its last output. Afterwards the network has its own modes and no hook of ours, also when it fails.

    Shape: images (N, C, H, W) -> for each name what the layer gives, for example (N, channels, H', W').

    Raises: ValueError for a name that is no layer of the network, for a layer that does not run, and for one whose
        output is not a tensor.
    """
    names = list(names)
    outputs: dict[str, Tensor] = {}
    with ExitStack() as leaving:
        for name in names:
            hook = layers.find(model, name).register_forward_hook(_keep(name, outputs))
            leaving.callback(hook.remove)
        leaving.enter_context(preserved.evaluating(model))
        leaving.enter_context(torch.no_grad())
        model(preserved.on_device_of(model, images))
    idle = [name for name in names if name not in outputs]
    if idle:
        raise ValueError(f"{', '.join(idle)}: not run by {type(model).__name__} on these images; name others")
    return {name: outputs[name] for name in names}


def _keep(name: str, outputs: dict[str, Tensor]) -> Any:
    def hook(module: nn.Module, inputs: Any, output: Any) -> None:
        if not isinstance(output, Tensor):
            raise ValueError(f"{name} gives a {type(output).__name__}, not a tensor; name a layer inside it")
        outputs[name] = output.detach().clone()

    return hook
