"""What a network is made of: output shape, parameters, connections, multiplications and receptive field of each layer.

Receptive field and jump follow Dumoulin and Visin, "A guide to convolution arithmetic for deep learning" (2016): a
window with kernel k and stride s turns (field, jump) into (field + (k - 1) · jump, jump · s). They are read from the
operations that run, so functional poolings and branches count like modules; where branches meet, the larger field
counts.

A module whose work cannot be read from its operations says itself what it does at each output position (for all its
maps together), in two attributes: `num_macs_per_position` and `num_connections_per_position`.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from hw_cnn import models
from hw_cnn.summary import operations


@dataclass(frozen=True)
class Layer:
    """One row of the table.

    `num_macs` counts multiply-accumulates for one image; FLOPs are twice as many. `num_connections` counts, for each
    number of the output, the weights and biases that feed it (LeCun 1998, section II-B). `receptive_field_px` and
    `jump_px` are (vertical, horizontal) pixels of the input.
    """

    name: str
    kind: str
    output_shape: tuple[int, ...]
    num_parameters: int
    num_connections: int
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
    def num_connections(self) -> int:
        return sum(layer.num_connections for layer in self.layers)

    @property
    def num_macs(self) -> int:
        return sum(layer.num_macs for layer in self.layers)

    def to_json(self) -> str:
        """JSON with the keys model, input_shape, layers and total."""
        names = ("num_parameters", "num_connections", "num_macs")
        total = {name: getattr(self, name) for name in names}
        return json.dumps({**dataclasses.asdict(self), "total": total}, indent=2)


def summarise(name: str) -> Summary:
    """Summarise a network of the registry without computing anything. Raises: ValueError for an unknown name."""
    # The meta device has shapes but no numbers: even VGG-16 takes no memory and no time.
    with torch.device("meta"):
        model = models.build(name)
    input_shape = models.REGISTRY[name].input_shape
    return Summary(name, input_shape, trace(model, input_shape))


def trace(model: nn.Module, input_shape: tuple[int, int, int]) -> tuple[Layer, ...]:
    """Run one image of `input_shape` (C, H, W) through `model` and describe what runs, in running order.

    There is a row for each call of a module that has no modules inside, and for each convolution, pooling and matrix
    product outside of them. Parameters are counted where they first run; those of modules that hold both parameters
    and modules, or that never run, come last.
    """
    parameter = next(model.parameters(), None)
    image = torch.zeros(1, *input_shape, device=None if parameter is None else parameter.device)
    recorder = _Recorder(image)
    handles = []
    for name, module in model.named_modules():
        if not any(module.children()):
            handles.append(module.register_forward_pre_hook(recorder.enter))
            handles.append(module.register_forward_hook(recorder.leave(name)))
    modes = {module: module.training for module in model.modules()}
    try:
        # inference_mode: without autograd between them, the recorder and the modules see the same tensor objects.
        with torch.inference_mode(), recorder.tracker:
            model.eval()(image)
    finally:
        for module, mode in modes.items():
            module.training = mode
        for handle in handles:
            handle.remove()
    recorder.add_unseen_parameters(model)
    return tuple(recorder.layers)


class _Recorder:
    """Turns the operations of each module, and those between modules, into rows."""

    def __init__(self, image: Tensor) -> None:
        self.tracker = operations.Tracker(image, self._record)
        self.layers: list[Layer] = []
        self.running: list[operations.Counts] = []
        self.seen_parameters: set[nn.Parameter] = set()

    def _record(self, kind: str, output: Tensor, counts: operations.Counts) -> None:
        if self.running:
            self.running[-1] += counts
        else:
            self._add("(no module)", kind, output, 0, counts)

    def enter(self, module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        self.running.append(operations.Counts())

    def leave(self, name: str) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], None]:
        def record(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
            counts = self.running.pop()
            positions = math.prod(output.shape[2:])
            macs = getattr(module, "num_macs_per_position", None)
            connections = getattr(module, "num_connections_per_position", None)
            counts = operations.Counts(
                counts.macs if macs is None else macs * positions,
                counts.connections if connections is None else connections * positions,
            )
            self._add(name, type(module).__name__, output, self._num_new_parameters(module), counts)

        return record

    def _num_new_parameters(self, module: nn.Module) -> int:
        # Weights that two modules share, or a module that runs twice, are one set of parameters.
        new = set(module.parameters(recurse=False)) - self.seen_parameters
        self.seen_parameters |= new
        return sum(parameter.numel() for parameter in new)

    def _add(
        self, name: str, kind: str, output: Tensor, num_parameters: int, counts: operations.Counts
    ) -> None:
        view = self.tracker.view(output)
        shape = tuple(output.shape[1:])
        self.layers.append(
            Layer(
                name,
                kind,
                shape,
                num_parameters,
                counts.connections,
                counts.macs,
                view.field_px,
                view.jump_px,
            )
        )

    def add_unseen_parameters(self, model: nn.Module) -> None:
        for name, module in model.named_modules():
            number = self._num_new_parameters(module)
            if number:
                kind = f"{type(module).__name__}, own" if any(module.children()) else "never runs"
                self.layers.append(Layer(name, kind, (), number, 0, 0, (0, 0), (0, 0)))
