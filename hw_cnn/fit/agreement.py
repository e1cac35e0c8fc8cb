"""Whether a network and its data agree, asked once before the first step and answered in one sentence."""

from __future__ import annotations

import inspect

import torch
from lightning import Callback, LightningModule, Trainer
from torch import Tensor, nn

from hw_cnn import classifier, models, usage


class Agreement(Callback):
    """Sends two black images of the data's shape through the network before a run, and compares the class counts.

    Looks only at a `classifier.Classifier` whose data module says `input_shape` and `num_classes`. Nothing changes:
    the network is in evaluation mode meanwhile.

    Raises: usage.InputError that names both sides and the flags that mend it.
    """

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Compare before a training."""
        data = getattr(trainer, "datamodule", None)
        shape, num_classes = getattr(data, "input_shape", None), getattr(data, "num_classes", None)
        if not isinstance(pl_module, classifier.Classifier) or shape is None or num_classes is None:
            return
        data_name, model = type(data).__name__, pl_module.model
        counted = pl_module.hparams.get("num_classes", num_classes)
        if counted != num_classes:
            raise usage.InputError(
                f"{data_name} has {num_classes} classes, the metrics count {counted}: "
                f"set --model.num_classes={num_classes}"
            )
        width = _outputs(trainer, pl_module, tuple(shape), data)
        if width != num_classes:
            hint = _flags(model, {"num_classes": num_classes}) or f"the arguments of {type(model).__name__}"
            raise usage.InputError(
                f"{data_name} has {num_classes} classes, {type(model).__name__} gives {width} logits: set {hint}"
            )

    def on_validation_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Compare before `validate`."""
        if trainer.state.fn == "validate":
            self.on_fit_start(trainer, pl_module)

    def on_test_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Compare before a test."""
        self.on_fit_start(trainer, pl_module)

    def on_predict_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Compare before a prediction."""
        self.on_fit_start(trainer, pl_module)


def _outputs(trainer: Trainer, module: classifier.Classifier, shape: tuple[int, ...], data: object) -> int:
    images = trainer.precision_plugin.convert_input(torch.zeros(2, *shape, device=module.device))
    was_training = {child: child.training for child in module.modules()}
    module.eval()
    try:
        with torch.no_grad(), trainer.precision_plugin.forward_context():
            logits = module(images)
    except NotImplementedError:
        raise
    except (RuntimeError, ValueError) as error:
        shown = "x".join(map(str, shape))
        raise usage.InputError(
            f"{type(module.model).__name__} cannot take the {shown} images of {type(data).__name__} "
            f"({usage.one_line(str(error), 120)}): set {_shape_flags(data, module.model, shape)}"
        ) from error
    finally:
        for child, mode in was_training.items():
            child.training = mode
    if not isinstance(logits, Tensor) or logits.dim() != 2:
        given = tuple(logits.shape) if isinstance(logits, Tensor) else type(logits).__name__
        raise usage.InputError(
            f"{type(module.model).__name__} gives {given} for two images; expected logits (2, num_classes)"
        )
    return logits.shape[1]


def _shape_flags(data: object, model: nn.Module, shape: tuple[int, ...]) -> str:
    """Name what can be set: arguments of the network, or the size of the data's images."""
    wanted: dict[str, object] = {}
    first = next((layer for layer in model.modules() if isinstance(layer, nn.Conv2d)), None)
    if first is None or first.in_channels != shape[0]:
        wanted["in_channels"] = shape[0]
    if shape[1] == shape[2]:
        wanted["image_size"] = shape[1]
    hints = [_flags(model, wanted)]
    path = f"{type(model).__module__}.{type(model).__name__}"
    heights = [entry.input_shape[1] for entry in models.REGISTRY.values() if entry.class_path == path]
    can_resize = "image_size" in inspect.signature(type(data)).parameters
    if can_resize and heights and heights[0] != shape[1]:
        hints.append(f"--data.image_size={heights[0]}")
    return " or ".join(filter(None, hints)) or f"the arguments of {type(model).__name__}"


def _flags(model: nn.Module, wanted: dict[str, object]) -> str:
    parameters = inspect.signature(type(model)).parameters
    return " ".join(f"--model.model.{name}={value}" for name, value in wanted.items() if name in parameters)
