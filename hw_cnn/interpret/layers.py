"""Layers of a network by their dotted names."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from hw_cnn.interpret import preserved

Kinds = type[nn.Module] | tuple[type[nn.Module], ...]
NORMALISATIONS = (nn.modules.batchnorm._NormBase, nn.GroupNorm, nn.LayerNorm)


def find(model: nn.Module, name: str) -> nn.Module:
    """Give the layer called `name`. Raises: ValueError, naming all layers, when there is none."""
    # A layer that is used under two names is known by both.
    known: dict[str, nn.Module] = dict(model.named_modules(remove_duplicate=False))
    del known[""]
    if name not in known:
        raise ValueError(
            f"{type(model).__name__} has no layer {name!r}; its layers are {', '.join(known) or 'none'}"
        )
    return known[name]


def names_of(model: nn.Module, kinds: Kinds) -> list[str]:
    """Give the names of all layers of these kinds, in the order in which they were defined."""
    return [name for name, module in model.named_modules() if name and isinstance(module, kinds)]


def first_convolution(model: nn.Module) -> str:
    """Give the name of the first nn.Conv2d. Raises: ValueError when there is none."""
    return _convolutions(model)[0]


def last_convolution(model: nn.Module) -> str:
    """Give the name of the last nn.Conv2d. Raises: ValueError when there is none."""
    return _convolutions(model)[-1]


def _convolutions(model: nn.Module) -> list[str]:
    names = names_of(model, nn.Conv2d)
    if not names:
        raise ValueError(f"{type(model).__name__} has no convolution (nn.Conv2d); name a layer yourself")
    return names


def last_map(model: nn.Module, images: Tensor) -> str:
    """Give the last layer with weights, normalisations aside, whose output still says where: more than one position.

    Usually the last convolution. In LeNet-5 that has a single position (it is 5x5 on 5x5), and the layer before it is
    meant; a convolution that is not an nn.Conv2d counts too. `images` (N, C, H, W) are run through the network.

    Raises: ValueError when there is none.
    """
    ran: list[str] = []
    handles = []
    for name, module in model.named_modules():
        has_weights = next(module.parameters(recurse=False), None) is not None
        if name and has_weights and not isinstance(module, NORMALISATIONS):
            handles.append(module.register_forward_hook(_remember(name, ran)))
    try:
        with preserved.evaluating(model), torch.inference_mode():
            model(preserved.on_device_of(model, images[:1]))
    finally:
        for handle in handles:
            handle.remove()
    if not ran:
        raise ValueError(
            f"no layer of {type(model).__name__} with weights gives a map (N, channels, height, width) of more than "
            "one position; name a layer yourself"
        )
    return ran[-1]


def _remember(name: str, ran: list[str]) -> Callable[[nn.Module, object, object], None]:
    def hook(module: nn.Module, inputs: object, output: object) -> None:
        if isinstance(output, Tensor) and output.dim() == 4 and output[0, 0].numel() > 1:
            ran.append(name)

    return hook
