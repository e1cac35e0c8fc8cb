"""The callback behind the report of `hw-cnn test`: it listens to the network instead of running it again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from lightning import Callback, LightningModule, Trainer
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle
from torchmetrics import MetricCollection

from hw_cnn import language
from hw_cnn.evaluation import measures


class Report(Callback):
    """Prints the errors, the accuracy of each class and the most frequent mistakes after a test or a validation.

    The logits are taken by a forward hook while `test_step` runs, so the step stays as its author wrote it and
    nothing is computed twice. Works with every LightningModule that calls `self(images)` or `self.model(images)` once
    per batch of (images, labels) and gets logits (N, C) from it; says so where a module does not.

    With `folder` it also writes `<stage>.json`, `<stage>-confusion.csv` and a picture there; a relative folder lies
    below the trainer's `default_root_dir`. `lang` is "en" or "ru" (default: the environment's LANG).

    Raises: ValueError for another language or a negative number.
    """

    def __init__(self, folder: str | None = None, lang: str | None = None, num_confusions: int = 5) -> None:
        if lang is None:
            lang = language.of_environment()
        language.check(lang)
        if num_confusions < 0:
            raise ValueError(f"num_confusions (={num_confusions}) must be at least 0")
        self.folder = folder
        self.lang = lang
        self.num_confusions = num_confusions
        self.result: measures.Result | None = None
        self._logits: Tensor | None = None
        self._metrics: MetricCollection | None = None
        self._num_classes = 0
        self._hooks: list[RemovableHandle] = []

    def on_test_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Begin to listen to the network."""
        self.result = self._logits = self._metrics = None
        num_classes = getattr(
            getattr(trainer, "datamodule", None), "num_classes", None
        ) or pl_module.hparams.get("num_classes")
        if isinstance(num_classes, int):
            self._begin(num_classes, pl_module.device)
        # The module itself speaks last, so its word counts where it changes what its model says.
        listened = [getattr(pl_module, "model", None), pl_module]
        self._hooks = [
            module.register_forward_hook(self._listen) for module in listened if isinstance(module, nn.Module)
        ]

    def on_test_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Count what the network said about this batch."""
        logits, self._logits = self._logits, None
        labels = batch[1] if isinstance(batch, tuple | list) and len(batch) == 2 else None
        if logits is None or not isinstance(labels, Tensor) or len(labels) != len(logits):
            return
        if self._metrics is None:
            self._metrics = self._begin(logits.shape[1], logits.device)
        self._metrics.update(logits.float(), labels)

    def on_test_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Print the report, and write it where that was asked for."""
        self._stop_listening()
        stage = "test" if trainer.testing else "validation"
        if self._metrics is None or not _any_update(self._metrics, trainer):
            if trainer.is_global_zero:
                print(f"no report: {stage}_step called neither self(images) nor self.model(images)")
            return
        self.result = measures.result_of(self._metrics, stage, self._class_names(trainer))
        if not trainer.is_global_zero:
            return
        print(measures.as_text(self.result, self.lang, self.num_confusions), flush=True)
        if self.folder is not None:
            measures.save(self.result, Path(trainer.default_root_dir) / self.folder)

    def on_validation_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """The same for `validate`; the validations inside a training stay silent."""
        if _is_validate(trainer):
            self.on_test_start(trainer, pl_module)

    def on_validation_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        if _is_validate(trainer):
            self.on_test_batch_end(trainer, pl_module, outputs, batch, batch_idx, dataloader_idx)

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if _is_validate(trainer):
            self.on_test_end(trainer, pl_module)

    def on_exception(self, trainer: Trainer, pl_module: LightningModule, exception: BaseException) -> None:
        self._stop_listening()

    def _begin(self, num_classes: int, device: torch.device) -> MetricCollection:
        self._num_classes = num_classes
        self._metrics = measures.make_metrics(num_classes).to(device)
        return self._metrics

    def _listen(self, module: nn.Module, inputs: Any, output: Any) -> None:
        if isinstance(output, Tensor) and output.dim() == 2:
            self._logits = output.detach()

    def _stop_listening(self) -> None:
        while self._hooks:
            self._hooks.pop().remove()

    def _class_names(self, trainer: Trainer) -> tuple[str, ...]:
        class_names = getattr(getattr(trainer, "datamodule", None), "class_names", None)
        names = tuple(class_names(self.lang)) if callable(class_names) else ()
        return names if len(names) == self._num_classes else tuple(map(str, range(self._num_classes)))


def _is_validate(trainer: Trainer) -> bool:
    return trainer.state.fn == "validate"


def _any_update(metrics: MetricCollection, trainer: Trainer) -> bool:
    """A process of several may have had no batch: only all of them together know."""
    count = torch.tensor(float(metrics["top1_error"].update_count), device=trainer.strategy.root_device)
    return bool(trainer.strategy.reduce(count, reduce_op="sum") > 0)
