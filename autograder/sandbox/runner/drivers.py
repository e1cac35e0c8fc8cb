"""What a test may ask for beyond a single call. Runs beside the student's code, so its answers are claims."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import io
import logging
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

from autograder.sandbox.runner.device import seed_torch
from autograder.sandbox.runner.tensors import Unsendable, in_backward
from autograder.sandbox.runner.tracebacks import type_name
from autograder.wire.signatures import keywords_of

SAFETENSORS_HEADER_MAX = 1 << 20
# Lightning names its accelerators otherwise than torch its devices.
ACCELERATORS = {"cpu": "cpu", "cuda": "gpu"}


def get(_: torch.device, module: object, path: str) -> object:
    """An attribute, `path` may have dots; digits index a container of modules, as in state_dict keys."""
    for name in path.split("."):
        module = (
            module[int(name)]
            if name.isdigit() and isinstance(module, nn.ModuleList)
            else getattr(module, name)
        )
    return module


def tiny_classifier(
    device: torch.device, num_features: int, num_classes: int, learning_rate: float | None
) -> object:
    """The student's `Classifier` around a linear model of ours, so that a wrong network costs nothing elsewhere."""
    classifier = importlib.import_module("hw_cnn.classifier").Classifier
    settings = {} if learning_rate is None else {"learning_rate": learning_rate}
    model = nn.Sequential(nn.Flatten(), nn.Linear(num_features, num_classes))
    return classifier(model, num_classes=num_classes, **settings).to(device)


def train_steps(
    _: torch.device, module: Any, n: int, batch: tuple[Any, ...], optimizer: str | tuple[str, float]
) -> dict[str, Tensor]:
    """`n` steps of training on one batch with the module's own `training_step`."""
    module.train()
    if optimizer == "own":
        chosen = _first_optimizer(module.configure_optimizers())
    else:
        chosen = torch.optim.SGD(module.parameters(), lr=float(optimizer[1]))
    losses = []
    for step in range(n):
        chosen.zero_grad()
        result = module.training_step(batch, step)
        loss = result["loss"] if isinstance(result, Mapping) else result
        if not isinstance(loss, Tensor):
            raise TypeError(f"training_step returned a {type_name(loss)}; return the loss as a tensor")
        with in_backward():
            loss.backward()
        chosen.step()
        losses.append(loss.detach())
    return {"losses": torch.stack([loss.double().cpu() for loss in losses])}


def optimizer_steps(_: torch.device, module: Any, gradients: Sequence[Mapping[str, Tensor]]) -> None:
    """Steps of the module's own optimizer on gradients that are given by name; what has none keeps None."""
    chosen = _first_optimizer(module.configure_optimizers())
    named = dict(module.named_parameters())
    for step in gradients:
        for name, gradient in step.items():
            named[name].grad = gradient.clone()
        chosen.step()


def _first_optimizer(returned: Any) -> torch.optim.Optimizer:
    """Every form that Lightning accepts from `configure_optimizers`."""
    while isinstance(returned, list | tuple) and returned:
        returned = returned[0]
    if isinstance(returned, Mapping):
        returned = returned.get("optimizer")
    if not isinstance(returned, torch.optim.Optimizer):
        raise TypeError(f"configure_optimizers returned a {type_name(returned)}; return an optimizer")
    return returned


def fit(device: torch.device, seed: int, parts: Mapping[str, tuple[Tensor, Tensor]]) -> object:
    """Train with `hw_cnn.training.train_seminar` on the digits; `parts` stand in place of theirs, by name."""
    # The order of the digits stays the same: `seed` is the student's to use.
    digits = importlib.import_module("hw_cnn.data").DigitsDataModule()
    training = importlib.import_module("hw_cnn.training")
    for name, data in parts.items():
        digits.splits[name] = tuple(tensor.cpu() for tensor in data)
    with quiet_lightning():
        trained = training.train_seminar(digits, seed=seed, accelerator=ACCELERATORS[device.type])
    if not isinstance(trained, nn.Module):
        raise Unsendable(
            f"train_seminar returned a {type_name(trained)}; return the network that was trained"
        )
    return trained


def predict(device: torch.device, module: Any, x: Tensor, batch_size: int) -> Tensor:
    """Outputs of `module` in evaluation mode, without gradients.

    What it draws at random is the same each time: dropout that stays on in evaluation can so be told by its answers.
    """
    mode = module.training
    module.eval()
    try:
        with torch.no_grad(), torch.random.fork_rng(devices=()):
            seed_torch(0)
            module.to(device)
            return torch.cat([_output(module, x[i : i + batch_size]) for i in range(0, len(x), batch_size)])
    finally:
        module.train(mode)


def _output(module: Any, x: Tensor) -> Tensor:
    """What a network gives. Raises: TypeError for what is no tensor."""
    out = module(x)
    if not isinstance(out, Tensor):
        raise TypeError(f"the network gave a {type_name(out)}; a tensor is needed")
    return out


def layer_calls(device: torch.device, module: nn.Module, x: Tensor) -> dict[str, Any]:
    """What goes into the layers that have parameters of their own, and comes out, in the order in which they run.

    Returns: "layers": (name, type) of each call, "inputs" and "outputs" of each, and the network's "output".
    """
    calls: list[tuple[str, nn.Module, Tensor, Tensor]] = []
    hooks = []
    for name, part in module.named_modules():
        if part is not module and next(part.parameters(recurse=False), None) is not None:

            def keep(layer: nn.Module, given: tuple[Any, ...], out: Any, name: str = name) -> None:
                if len(given) == 1 and isinstance(given[0], Tensor) and isinstance(out, Tensor):
                    calls.append((name, layer, given[0].clone(), out.clone()))

            hooks.append(part.register_forward_hook(keep))
    try:
        output = predict(device, module, x, len(x))
    finally:
        for hook in hooks:
            hook.remove()
    return {
        "layers": [(name, type_name(layer)) for name, layer, _, _ in calls],
        "inputs": [given for _, _, given, _ in calls],
        "outputs": [out for _, _, _, out in calls],
        "output": output,
    }


def evaluate(
    device: torch.device, module: Any, x: Tensor, y: Tensor, batch_size: int, stage: str
) -> dict[str, float]:
    """What `Trainer.validate` or `Trainer.test` (`stage`) reports over (x, y)."""
    from lightning import Trainer
    from torch.utils.data import DataLoader, TensorDataset

    loader = DataLoader(TensorDataset(x.cpu(), y.cpu()), batch_size=batch_size)
    with quiet_lightning():
        trainer = Trainer(
            accelerator=ACCELERATORS[device.type],
            devices=1,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
        run = {"validate": trainer.validate, "test": trainer.test}[stage]
        metrics = run(module, dataloaders=loader, verbose=False)
    return {str(key): float(value) for key, value in metrics[0].items()}


@contextlib.contextmanager
def quiet_lightning() -> Iterator[None]:
    """Without advertisements, device reports and progress."""
    loggers = [logging.getLogger(name) for name in ("lightning", "lightning.pytorch", "lightning.fabric")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


class LazyLayersError(Exception):
    """Weights that a layer makes at its first call were asked for before that."""


def _made(values: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The same, of which all have numbers. Raises: LazyLayersError."""
    lazy = [name for name, value in values.items() if nn.parameter.is_lazy(value)]
    if lazy:
        raise LazyLayersError(f"without numbers until the first call: {', '.join(lazy[:3])}")
    return dict(values)


def state_dict(_: torch.device, module: Any) -> dict[str, Tensor]:
    """Parameters and buffers. Raises: LazyLayersError."""
    return _made(module.state_dict())


def load_state_dict(_: torch.device, module: Any, state: dict[str, Tensor]) -> None:
    """Load strictly."""
    module.load_state_dict(state, strict=True)


def parameters(_: torch.device, module: nn.Module, unregistered: bool) -> dict[str, Tensor]:
    """Each parameter once, by its first name; with `unregistered` those of layers in plain containers, too.

    Raises: LazyLayersError.
    """
    return _made(dict(_named_parameters(module, unregistered)))


def set_parameters(_: torch.device, module: nn.Module, values: Mapping[str, Tensor]) -> None:
    """Give parameters these values, by the names of `parameters`; the others keep theirs."""
    named = dict(_named_parameters(module, unregistered=True))
    with torch.no_grad():
        for name, value in values.items():
            named[name].copy_(value)


def _named_parameters(module: nn.Module, unregistered: bool) -> Iterator[tuple[str, nn.Parameter]]:
    seen: set[int] = set()
    pending: list[tuple[str, object]] = [("", module)]
    while pending:
        prefix, item = pending.pop(0)
        if id(item) in seen:
            continue
        seen.add(id(item))
        if isinstance(item, nn.Module):
            for name, value in item.named_parameters(prefix):
                if id(value) not in seen:
                    seen.add(id(value))
                    yield name, value
            if unregistered:
                pending += [
                    (f"{name}.{key}" if name else key, value)
                    for name, part in item.named_modules(prefix=prefix)
                    for key, value in vars(part).items()
                    if not key.startswith("_") and isinstance(value, list | tuple | dict)
                ]
        elif isinstance(item, dict):
            pending += [(f"{prefix}.{key}", value) for key, value in item.items()]
        elif isinstance(item, list | tuple):
            pending += [(f"{prefix}.{number}", value) for number, value in enumerate(item)]


def mode(_: torch.device, module: Any) -> bool:
    """The `training` flag."""
    return bool(module.training)


def set_mode(_: torch.device, module: Any, training: bool) -> None:
    """Set the `training` flag of all submodules."""
    module.train(training)


def module_table(_: torch.device, module: nn.Module) -> list[tuple[str, str, int]]:
    """(name, type, number of parameters, those of its submodules included) of every submodule.

    Raises: LazyLayersError.
    """
    _made(dict(module.named_parameters()))
    return [
        (name, type_name(part), sum(parameter.numel() for parameter in part.parameters()))
        for name, part in module.named_modules()
    ]


class _Undrawn(TorchFunctionMode):
    """Draws no normal numbers into tensors without numbers: torch would import its compiler for that, for seconds."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        given = kwargs or {}
        if func in (Tensor.normal_, nn.init.normal_):
            tensor = args[0] if args else given["tensor"]
            if tensor.is_meta:
                return tensor
        return func(*args, **given)


def blueprint(_: torch.device, target: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Shapes of a network that is built without numbers, on torch's `meta` device: VGG-16 would take 553 MB.

    Raises: LazyLayersError.
    """
    origin, name = target.split(":")
    with torch.device("meta"), _Undrawn():
        module = getattr(importlib.import_module(origin), name)(**arguments)
    if not isinstance(module, nn.Module):
        raise TypeError(f"{name} gave a {type_name(module)}; an nn.Module is needed")
    state = _made(module.state_dict())
    trainable = sum(value.numel() for value in module.parameters() if value.requires_grad)
    return {
        "shapes": {key: tuple(value.shape) for key, value in state.items()},
        "trainable": trainable,
    }


def parameter_gradients(
    device: torch.device, module: Any, x: Tensor, upstream: Tensor
) -> dict[str, Tensor | None]:
    """Gradient of sum(out * upstream) for every trainable parameter, None where none arrives; the mode stays."""
    module.to(device).zero_grad()
    out = _output(module, x)
    if out.requires_grad:
        with in_backward():
            (out * upstream).sum().backward()
    return {name: value.grad for name, value in module.named_parameters() if value.requires_grad}


def checkpoint(_: torch.device, data: npt.NDArray[np.uint8]) -> dict[str, Tensor]:
    """Tensors of a checkpoint file: safetensors, or torch's format without any code in it."""
    raw = data.tobytes()
    length = int.from_bytes(raw[:8], "little")
    if 2 <= length <= min(SAFETENSORS_HEADER_MAX, len(raw) - 8) and raw[8:9] == b"{":
        from safetensors.torch import load

        return load(raw)
    state = torch.load(io.BytesIO(raw), map_location="cpu", weights_only=True)
    if isinstance(state, Mapping) and isinstance(state.get("state_dict"), Mapping):
        state = state["state_dict"]
    if not isinstance(state, Mapping) or not all(isinstance(value, Tensor) for value in state.values()):
        raise TypeError("the checkpoint is no state_dict: a dict of tensors is needed")
    return {str(key): value for key, value in state.items()}


class Residual(nn.Sequential):
    """x + f(x), f being what the container holds."""

    def forward(self, x: Tensor) -> Tensor:
        inside: Tensor = super().forward(x)  # type: ignore[no-untyped-call]  # torch gives it no types
        return x + inside


class Twice(nn.Sequential):
    """f(f(x)): every layer inside is called twice."""

    def forward(self, x: Tensor) -> Tensor:
        for layer in (*self, *self):
            x = layer(x)
        return x


class Idle(nn.Sequential):
    """x: a branch that stands in the network and is not run, like a classifier that only training needs."""

    def forward(self, x: Tensor) -> Tensor:
        return x


class Affine(nn.Module):
    """Images (N, *given) -> matrix times the pixels plus offset, (N, *gives). Nothing in it is trained."""

    matrix: Tensor
    offset: Tensor

    def __init__(self, given: tuple[int, int, int], gives: tuple[int, int, int]) -> None:
        super().__init__()
        self.gives = tuple(gives)
        self.register_buffer("matrix", torch.zeros(math.prod(gives), math.prod(given)))
        self.register_buffer("offset", torch.zeros(math.prod(gives)))

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = x.flatten(1) @ self.matrix.T + self.offset
        return out.reshape(len(x), *self.gives)


# What `network` can be built of. Dots in a name make containers: "head.last" is `last` inside of `head`.
LAYERS: dict[str, type[nn.Module]] = {layer.__name__: layer for layer in (
    nn.AvgPool2d, nn.BatchNorm1d, nn.BatchNorm2d, nn.Conv2d, nn.Dropout, nn.Flatten, nn.Linear, nn.MaxPool2d,
    nn.ReLU, nn.Softmax, nn.Tanh, Affine, Idle, Residual, Twice,
)}  # fmt: skip


def network(
    device: torch.device,
    layers: Sequence[tuple[Any, ...]],
    seed: int,
    state: Mapping[str, Tensor] | None = None,
    training: bool = True,
    evaluating: Sequence[str] = (),
) -> nn.Sequential:
    """A network that is no student's: rows (name, type, arguments..., {options}), run in order.

    Numbers are drawn with `seed`, the same on every machine, unless `state` brings them. Layers named in `evaluating`
    are in evaluation mode, whatever the mode of the others.
    """
    made = nn.Sequential()
    for name, kind, *arguments in layers:
        options = arguments.pop() if arguments and isinstance(arguments[-1], Mapping) else {}
        *containers, last = name.split(".")
        place: nn.Module = made
        for container in containers:
            if container not in dict(place.named_children()):
                place.add_module(container, nn.Sequential())
            place = place.get_submodule(container)
        place.add_module(last, LAYERS[kind](*arguments, **options))
    made.load_state_dict(_drawn(made, seed) if state is None else state)
    made.to(device).train(training)
    for name in evaluating:
        made.get_submodule(name).eval()
    return made


def _drawn(module: nn.Module, seed: int) -> dict[str, Tensor]:
    """Weights that keep the size of what passes through them; variances and scales near 1, all else near 0."""
    generator = torch.Generator().manual_seed(seed)
    drawn = {}
    for name, value in module.state_dict().items():
        fresh = 0.3 * torch.randn(value.shape, generator=generator)
        if value.ndim > 1:
            fresh *= math.sqrt(2 / value[0].numel()) / 0.3
        elif name.endswith(("running_var", ".weight")):
            fresh = 0.7 + fresh.abs()
        drawn[name] = fresh.to(value.dtype)
    return drawn


def loader(
    _: torch.device, images: Tensor, labels: Tensor, batch_size: int, shuffle_seed: int | None = None
) -> object:
    """A DataLoader of (images, labels); with `shuffle_seed` in another order each time that it is gone through."""
    from torch.utils.data import DataLoader, TensorDataset

    generator = None if shuffle_seed is None else torch.Generator().manual_seed(shuffle_seed)
    return DataLoader(
        TensorDataset(images.cpu(), labels.cpu()), batch_size, generator is not None, generator=generator
    )


class Reader:
    """Gives a part of a data set as (images, labels), once the data are there: `reader("train")`.

    What is given may be changed: it is a copy.
    """

    def __init__(self, parts: Mapping[str, tuple[Tensor, Tensor]], is_there: bool) -> None:
        self._parts, self._is_there = dict(parts), is_there

    def __call__(self, part: str) -> tuple[Tensor, Tensor]:
        if not self._is_there:
            raise FileNotFoundError(f"the part {part!r} is not there yet: it is read too early")
        if part not in self._parts:
            raise ValueError(f"there is no part {part!r}, only {', '.join(map(repr, self._parts))}")
        images, labels = self._parts[part]
        return images.clone(), labels.clone()

    def arrive(self) -> None:
        """Let the data be there from now on."""
        self._is_there = True


def reader(
    _: torch.device, parts: Mapping[str, tuple[Tensor, Tensor]], is_there: bool = True
) -> Callable[[str], tuple[Tensor, Tensor]]:
    """A function that gives images and labels of a part; without `is_there` it raises until `arrive()` is called."""
    return Reader({name: (images.cpu(), labels.cpu()) for name, (images, labels) in parts.items()}, is_there)


def passes(_: torch.device, data: Any, part: str, count: int) -> list[list[Any]]:
    """The batches of `count` passes through `data.train_dataloader()`, or that of another part.

    What is drawn at random on the way is the same each time, and different from pass to pass.
    """
    with torch.random.fork_rng(devices=()):
        seed_torch(0)
        given = getattr(data, f"{part}_dataloader")()
        return [[_plain_batch(batch) for batch in given] for _ in range(count)]


def _plain_batch(batch: Any) -> Any:
    """A batch as a tuple, whichever of the forms that Lightning takes it has."""
    return tuple(batch) if isinstance(batch, list | tuple) else batch


def condition(_: torch.device, module: nn.Module) -> dict[str, Any]:
    """What a call may have left behind in a network: hooks (or other `forward`s), modes, gradients, frozen weights."""
    parts = list(module.modules())
    kinds = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
    return {
        "hooks": sum(len(getattr(part, kind)) for part in parts for kind in kinds)
        + sum("forward" in vars(part) for part in parts),
        "training": {name: part.training for name, part in module.named_modules()},
        "gradients": sum(value.grad is not None for value in module.parameters()),
        "frozen": sum(not value.requires_grad for value in module.parameters()),
    }


def traces(
    _: torch.device, target: str, arguments: Sequence[Any], options: Mapping[str, Any]
) -> dict[str, bool]:
    """Call a task's function and tell where automatic differentiation goes on: in its output, in its arguments."""
    origin, name = target.split(":")
    out = getattr(importlib.import_module(origin), name)(*arguments, **options)
    outputs, given = (
        [leaf for leaf in tree_leaves(part) if isinstance(leaf, Tensor)] for part in (out, list(arguments))
    )
    return {
        "output": any(leaf.requires_grad for leaf in outputs),
        "arguments": any(leaf.requires_grad or leaf.grad is not None for leaf in given),
    }


def keywords(_: torch.device, target: str) -> list[str]:
    """Names by which a task's function takes its positional arguments; "" for one that has no such name."""
    origin, name = target.split(":")
    return keywords_of(inspect.signature(getattr(importlib.import_module(origin), name)))


DRIVERS: dict[str, Callable[..., Any]] = {
    "get": get,
    "tiny_classifier": tiny_classifier,
    "train_steps": train_steps,
    "optimizer_steps": optimizer_steps,
    "fit": fit,
    "predict": predict,
    "layer_calls": layer_calls,
    "evaluate": evaluate,
    "state_dict": state_dict,
    "load_state_dict": load_state_dict,
    "parameters": parameters,
    "set_parameters": set_parameters,
    "mode": mode,
    "set_mode": set_mode,
    "module_table": module_table,
    "blueprint": blueprint,
    "parameter_gradients": parameter_gradients,
    "checkpoint": checkpoint,
    "network": network,
    "loader": loader,
    "reader": reader,
    "passes": passes,
    "condition": condition,
    "traces": traces,
    "keywords": keywords,
}
