"""What happens between the epochs of a training started by `hw-cnn fit`."""

from __future__ import annotations

import sys
from typing import Any

from lightning import Callback, LightningModule, Trainer
from torch import Tensor


class DropLearningRate(Callback):
    """Multiplies every learning rate by `factor` when epoch number `epoch` (the first is 0) begins."""

    def __init__(self, epoch: int, factor: float = 0.1) -> None:
        self.epoch = epoch
        self.factor = factor

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if trainer.current_epoch == self.epoch:
            for optimizer in trainer.optimizers:
                for group in optimizer.param_groups:
                    group["lr"] *= self.factor


class EpochLines(Callback):
    """Prints one line per epoch to stderr: progress for logs and pipes, where a bar cannot redraw itself."""

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        print(f"training on {trainer.strategy.root_device}", file=sys.stderr)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        metrics = {name: value for name, value in trainer.callback_metrics.items() if value.numel() == 1}
        line = "  ".join(f"{name} {float(value):.4f}" for name, value in sorted(metrics.items()))
        of = f"/{trainer.max_epochs}" if trainer.max_epochs and trainer.max_epochs > 0 else ""
        print(f"epoch {trainer.current_epoch + 1}{of}  {line}", file=sys.stderr, flush=True)


class PrintPredictions(Callback):
    """Prints a header and one line `index,prediction` per image to stdout."""

    def __init__(self) -> None:
        self.num_printed = 0

    def on_predict_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        print("index,prediction")

    def on_predict_batch_end(
        self,
        trainer: Trainer,
        pl_module: LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        if isinstance(outputs, Tensor):
            for row in outputs.reshape(len(outputs), -1).tolist():
                print(f"{self.num_printed},{' '.join(map(str, row))}")
                self.num_printed += 1
