"""What a test may ask for beyond a single call. Runs beside the student's code, so its answers are claims."""

from __future__ import annotations

import contextlib
import importlib
import io
import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from autograder.sandbox.errors import type_name

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
        loss.backward()  # type: ignore[no-untyped-call]
        chosen.step()
        losses.append(loss.detach())
    return {"losses": torch.stack([loss.double().cpu() for loss in losses])}


def _first_optimizer(found: Any) -> torch.optim.Optimizer:
    """Every form that Lightning accepts from `configure_optimizers`."""
    while isinstance(found, list | tuple) and found:
        found = found[0]
    if isinstance(found, Mapping):
        found = found.get("optimizer")
    if not isinstance(found, torch.optim.Optimizer):
        raise TypeError(f"configure_optimizers returned a {type_name(found)}; return an optimizer")
    return found


def fit(device: torch.device, seed: int, data: tuple[Tensor, Tensor] | None) -> object:
    """Train with `hw_cnn.training.train_seminar` on the digits, or on `data` in place of their training part."""
    # The order of the digits stays the same: `seed` is the student's to use.
    digits = importlib.import_module("hw_cnn.data").DigitsDataModule()
    training = importlib.import_module("hw_cnn.training")
    if data is not None:
        digits.splits["train"] = tuple(tensor.cpu() for tensor in data)
    with quiet_lightning():
        return training.train_seminar(digits, seed=seed, accelerator=ACCELERATORS[device.type])


def predict(device: torch.device, module: Any, x: Tensor, batch_size: int) -> Tensor:
    """Outputs of `module` in evaluation mode, without gradients."""
    mode = module.training
    module.eval()
    try:
        with torch.no_grad():
            module.to(device)
            return torch.cat([module(x[i : i + batch_size]) for i in range(0, len(x), batch_size)])
    finally:
        module.train(mode)


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
        found = run(module, dataloaders=loader, verbose=False)
    return {str(key): float(value) for key, value in found[0].items()}


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


def state_dict(_: torch.device, module: Any) -> dict[str, Tensor]:
    """Parameters and buffers."""
    return dict(module.state_dict())


def load_state_dict(_: torch.device, module: Any, state: dict[str, Tensor]) -> None:
    """Load strictly."""
    module.load_state_dict(state, strict=True)


def mode(_: torch.device, module: Any) -> bool:
    """The `training` flag."""
    return bool(module.training)


def set_mode(_: torch.device, module: Any, training: bool) -> None:
    """Set the `training` flag of all submodules."""
    module.train(training)


def module_table(_: torch.device, module: nn.Module) -> list[tuple[str, str, int]]:
    """(name, type, number of parameters, those of its submodules included) of every submodule."""
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
    """Shapes of a network that is built without numbers, on torch's `meta` device: VGG-16 would take 553 MB."""
    origin, name = target.split(":")
    with torch.device("meta"), _Undrawn():
        module = getattr(importlib.import_module(origin), name)(**arguments)
    if not isinstance(module, nn.Module):
        raise TypeError(f"{name} gave a {type_name(module)}; an nn.Module is needed")
    trainable = sum(value.numel() for value in module.parameters() if value.requires_grad)
    return {
        "shapes": {key: tuple(value.shape) for key, value in module.state_dict().items()},
        "trainable": trainable,
    }


def parameter_gradients(
    device: torch.device, module: Any, x: Tensor, upstream: Tensor
) -> dict[str, Tensor | None]:
    """Gradient of sum(out * upstream) for every trainable parameter, None where none arrives; the mode stays."""
    module.to(device).zero_grad()
    out = module(x)
    if not isinstance(out, Tensor):
        raise TypeError(f"the network gave a {type_name(out)}; a tensor is needed")
    if out.requires_grad:
        (out * upstream).sum().backward()  # type: ignore[no-untyped-call]
    return {name: value.grad for name, value in module.named_parameters() if value.requires_grad}


def checkpoint(_: torch.device, data: npt.NDArray[np.uint8]) -> dict[str, Tensor]:
    """Tensors of a checkpoint file: safetensors, or torch's format without any code in it."""
    raw = data.tobytes()
    length = int.from_bytes(raw[:8], "little")
    if 2 <= length <= min(SAFETENSORS_HEADER_MAX, len(raw) - 8) and raw[8:9] == b"{":
        from safetensors.torch import load

        return load(raw)
    found = torch.load(io.BytesIO(raw), map_location="cpu", weights_only=True)
    if isinstance(found, Mapping) and isinstance(found.get("state_dict"), Mapping):
        found = found["state_dict"]
    if not isinstance(found, Mapping) or not all(isinstance(value, Tensor) for value in found.values()):
        raise TypeError("the checkpoint is no state_dict: a dict of tensors is needed")
    return {str(key): value for key, value in found.items()}


DRIVERS: dict[str, Callable[..., Any]] = {
    "get": get,
    "tiny_classifier": tiny_classifier,
    "train_steps": train_steps,
    "fit": fit,
    "predict": predict,
    "evaluate": evaluate,
    "state_dict": state_dict,
    "load_state_dict": load_state_dict,
    "mode": mode,
    "set_mode": set_mode,
    "module_table": module_table,
    "blueprint": blueprint,
    "parameter_gradients": parameter_gradients,
    "checkpoint": checkpoint,
}
