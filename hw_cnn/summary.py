"""What a network is made of: output shape, parameters, multiplications and receptive field of each layer.

Receptive field and jump follow Dumoulin and Visin, "A guide to convolution arithmetic for deep learning" (2016): a
layer with kernel k and stride s turns (field, jump) into (field + (k - 1) · jump, jump · s).
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from hw_cnn import models, shapes

_POOLS = (nn.MaxPool2d, nn.AvgPool2d)


@dataclass(frozen=True)
class Layer:
    """One row of the table. `num_macs` counts multiply-accumulates for one image; FLOPs are twice as many.

    `receptive_field_px` and `jump_px` are (vertical, horizontal) pixels of the input.
    """

    name: str
    kind: str
    output_shape: tuple[int, ...]
    num_parameters: int
    num_macs: int
    receptive_field_px: tuple[int, int]
    jump_px: tuple[int, int]


@dataclass(frozen=True)
class Summary:
    """All layers of a network, in the order in which they run."""

    model: str
    input_shape: tuple[int, ...]
    layers: tuple[Layer, ...]

    @property
    def num_parameters(self) -> int:
        return sum(layer.num_parameters for layer in self.layers)

    @property
    def num_macs(self) -> int:
        return sum(layer.num_macs for layer in self.layers)

    def to_json(self) -> str:
        """JSON with the keys model, input_shape, layers and total."""
        total = {"num_parameters": self.num_parameters, "num_macs": self.num_macs}
        return json.dumps({**dataclasses.asdict(self), "total": total}, indent=2)


def summarise(name: str) -> Summary:
    """Summarise a network of the registry without computing anything. Raises: ValueError for an unknown name."""
    # The meta device has shapes but no numbers: even VGG-16 takes no memory and no time.
    with torch.device("meta"):
        model = models.build(name)
    input_shape = models.REGISTRY[name].input_shape
    return Summary(name, input_shape, trace(model, input_shape))


def trace(model: nn.Module, input_shape: tuple[int, int, int]) -> tuple[Layer, ...]:
    """Run one image of `input_shape` (C, H, W) through `model` and describe every layer that has no layers inside.

    Assumes a chain: each layer works on what the one before it gave.
    """
    recorder = _Recorder()
    handles = [
        module.register_forward_hook(recorder.hook(name))
        for name, module in model.named_modules()
        if not any(module.children())
    ]
    parameter = next(model.parameters(), None)
    device = torch.device("cpu") if parameter is None else parameter.device
    was_training = model.training
    try:
        with torch.no_grad():
            model.eval()(torch.zeros(1, *input_shape, device=device))
    finally:
        model.train(was_training)
        for handle in handles:
            handle.remove()
    return tuple(recorder.layers)


class _Recorder:
    """Collects a Layer at each call, and carries receptive field and jump from one to the next."""

    def __init__(self) -> None:
        self.layers: list[Layer] = []
        self.field, self.jump = (1, 1), (1, 1)
        # Height and width that a flatten layer has laid out in a row for the next fully connected layer.
        self.flattened = (1, 1)

    def hook(self, name: str) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], None]:
        def record(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
            kernel, stride = self._window(module, inputs[0], output)
            self.field = tuple(f + (k - 1) * j for f, k, j in zip(self.field, kernel, self.jump, strict=True))
            self.jump = tuple(j * s for j, s in zip(self.jump, stride, strict=True))
            self.layers.append(
                Layer(
                    name,
                    type(module).__name__,
                    tuple(output.shape[1:]),
                    sum(parameter.numel() for parameter in module.parameters()),
                    _num_macs(module, output),
                    self.field,
                    self.jump,
                )
            )

        return record

    def _window(
        self, module: nn.Module, x: Tensor, output: Tensor
    ) -> tuple[tuple[int, int], tuple[int, int]]:
        """Give kernel and stride of a layer, dilation included."""
        if isinstance(module, (nn.Conv2d, *_POOLS)):
            kernel, stride = shapes.pair(module.kernel_size), shapes.pair(module.stride)
            dilation = shapes.pair(getattr(module, "dilation", 1))
            return tuple(d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)), stride
        if isinstance(module, (nn.AdaptiveAvgPool2d, nn.AdaptiveMaxPool2d)):
            stride = tuple(n // m for n, m in zip(x.shape[2:], output.shape[2:], strict=True))
            sizes = zip(x.shape[2:], output.shape[2:], stride, strict=True)
            return tuple(n - (m - 1) * s for n, m, s in sizes), stride
        if isinstance(module, nn.Flatten) and x.dim() == 4:
            self.flattened = (x.shape[2], x.shape[3])
        if isinstance(module, nn.Linear):
            # On a flattened image a fully connected layer is a convolution with a kernel as large as the image.
            kernel, self.flattened = self.flattened, (1, 1)
            return kernel, (1, 1)
        return (1, 1), (1, 1)


def _num_macs(module: nn.Module, output: Tensor) -> int:
    """Multiply-accumulates of one image; biases, activations and poolings count nothing."""
    if isinstance(module, nn.Conv2d):
        return (
            output[0].numel()
            * module.in_channels
            // module.groups
            * math.prod(shapes.pair(module.kernel_size))
        )
    if isinstance(module, nn.Linear):
        return output[0].numel() * module.in_features
    return 0
