"""What a recipe may do between the epochs of a training."""

from __future__ import annotations

from lightning import Callback, LightningModule, Trainer


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
