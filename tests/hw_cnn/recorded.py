"""A module that notes its learning rates, and a trainer for tests of callbacks."""

from __future__ import annotations

import torch
from lightning import Trainer
from lightning.pytorch.demos.boring_classes import BoringModel


class Batches:
    """An iterable with a length, and nothing else, is a data loader for Lightning."""

    def __init__(self, *batches: torch.Tensor) -> None:
        self.batches = batches

    def __len__(self) -> int:
        return len(self.batches)

    def __iter__(self):
        return iter(self.batches)


class Recorded(BoringModel):
    """Notes the learning rate at every step."""

    def __init__(self) -> None:
        super().__init__()
        self.rates: list[float] = []

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), lr=0.5)

    def training_step(self, batch, batch_idx):
        self.rates.append(self.optimizers().param_groups[0]["lr"])
        self.log("train_loss", torch.tensor(0.25))
        return super().training_step(batch, batch_idx)

    def train_dataloader(self):
        return Batches(torch.zeros(1, 32), torch.zeros(1, 32))

    def predict_dataloader(self):
        return Batches(torch.zeros(2, 32), torch.zeros(1, 32))

    def predict_step(self, batch, batch_idx):
        return torch.arange(len(batch)) + 10 * batch_idx


def trainer(folder, *used) -> Trainer:
    return Trainer(
        accelerator="cpu",
        max_epochs=3,
        limit_val_batches=0,
        callbacks=list(used),
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        default_root_dir=folder,
    )
