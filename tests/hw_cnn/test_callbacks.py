"""The callbacks of `hw-cnn fit`, run by a real trainer."""

from __future__ import annotations

import torch
from lightning import Trainer
from lightning.pytorch.demos.boring_classes import BoringModel

from hw_cnn import callbacks


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


def test_drop_learning_rate(tmp_path):
    module = Recorded()
    trainer(tmp_path, callbacks.DropLearningRate(epoch=1, factor=0.2)).fit(module)
    assert module.rates == [0.5, 0.5, 0.1, 0.1, 0.1, 0.1]


def test_epoch_lines(tmp_path, capsys):
    trainer(tmp_path, callbacks.EpochLines()).fit(Recorded())
    lines = capsys.readouterr().err.splitlines()
    assert lines[-4:] == ["training on cpu", *(f"epoch {n}/3  train_loss 0.2500" for n in (1, 2, 3))]


def test_print_predictions(tmp_path, capsys):
    trainer(tmp_path, callbacks.PrintPredictions()).predict(Recorded())
    assert capsys.readouterr().out.splitlines()[-4:] == ["index,prediction", "0,0", "1,1", "2,10"]
