"""The Classifier's steps against arithmetic done by hand."""

from __future__ import annotations

import math

import pytest
import torch
from lightning import LightningDataModule, Trainer
from torch import nn
from torch.testing import assert_close
from torch.utils.data import DataLoader, TensorDataset

from hw_cnn import classifier
from tests.machines import needs_host_name

# Lightning says so whenever a step is called outside a trainer.
NO_TRAINER = "ignore:You are trying to `self.log:UserWarning"


def linear_classifier(learning_rate: float = 1e-3) -> classifier.Classifier:
    torch.manual_seed(0)
    return classifier.Classifier(nn.Linear(4, 3).double(), num_classes=3, learning_rate=learning_rate)


def batch(count: int = 7) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(count, 4, generator=generator, dtype=torch.float64)
    return x, torch.randint(0, 3, (count,), generator=generator)


def loss_by_hand(module: classifier.Classifier, x: torch.Tensor, labels: torch.Tensor) -> float:
    total = 0.0
    for row, label in zip(module(x).tolist(), labels.tolist(), strict=True):
        total += math.log(sum(math.exp(value) for value in row)) - row[label]
    return total / len(labels)


@pytest.mark.filterwarnings(NO_TRAINER)
def test_training_step_returns_the_mean_cross_entropy_of_logits():
    module, (x, labels) = linear_classifier(), batch()
    loss = module.training_step((x, labels), 0)
    assert loss.item() == pytest.approx(loss_by_hand(module, x, labels), abs=1e-12)
    assert loss.requires_grad


@pytest.mark.filterwarnings(NO_TRAINER)
def test_one_step_of_sgd_equals_the_formula():
    module, (x, labels) = linear_classifier(), batch()
    weight, bias = (parameter.detach().clone() for parameter in module.parameters())
    wrong = module(x).softmax(1) - nn.functional.one_hot(labels, 3)
    module.training_step((x, labels), 0).backward()
    torch.optim.SGD(module.parameters(), lr=0.5).step()
    assert_close(module.model.weight, weight - 0.5 * wrong.T @ x / len(x))
    assert_close(module.model.bias, bias - 0.5 * wrong.mean(0))


def test_optimizer_is_adam_over_all_parameters():
    module = linear_classifier(learning_rate=0.02)
    optimizer = module.configure_optimizers()
    assert type(optimizer) is torch.optim.Adam
    (group,) = optimizer.param_groups
    assert group["lr"] == 0.02
    assert {id(parameter) for parameter in group["params"]} == {
        id(parameter) for parameter in module.parameters()
    }


def test_predict_step_gives_the_highest_class():
    module, (x, labels) = linear_classifier(), batch()
    expected = [max(range(3), key=row.__getitem__) for row in module(x).tolist()]
    assert module.predict_step((x, labels), 0).tolist() == expected


class Batches(LightningDataModule):
    """Ten images in batches of four: the last one is smaller."""

    def _loader(self) -> DataLoader:
        return DataLoader(TensorDataset(*batch(10)), batch_size=4, num_workers=0)

    train_dataloader = val_dataloader = test_dataloader = _loader


def quiet_trainer(folder, **options) -> Trainer:
    settings = {
        "accelerator": "cpu",
        "devices": 1,
        "max_epochs": 1,
        "logger": False,
        "enable_checkpointing": False,
        "enable_progress_bar": False,
        "enable_model_summary": False,
        "default_root_dir": folder,
    }
    return Trainer(**settings | options)


# Our own loader has no workers to ask for; this test uses torch's to be independent of it.
@pytest.mark.filterwarnings("ignore:The '.*_dataloader' does not have many workers")
@pytest.mark.parametrize("stage", ["val", "test"])
def test_evaluation_is_weighted_over_unequal_batches(stage, tmp_path):
    module, (x, labels) = linear_classifier(), batch(10)
    trainer = quiet_trainer(tmp_path)
    run = {"val": trainer.validate, "test": trainer.test}[stage]
    (logged,) = run(module, datamodule=Batches(), verbose=False)
    right = sum(module.predict_step((x, labels), 0).eq(labels).tolist())
    assert logged == {
        f"{stage}_loss": pytest.approx(loss_by_hand(module, x, labels), abs=1e-6),
        f"{stage}_accuracy": pytest.approx(right / 10, abs=1e-6),
    }


@pytest.mark.filterwarnings("ignore:The '.*_dataloader' does not have many workers")
def test_fit_logs_what_the_docstring_says_and_lowers_the_loss(tmp_path):
    module, (x, labels) = linear_classifier(learning_rate=0.1), batch(10)
    before = loss_by_hand(module, x, labels)
    trainer = quiet_trainer(tmp_path)
    trainer.fit(module, datamodule=Batches())
    assert loss_by_hand(module, x, labels) < before
    assert set(trainer.callback_metrics) == {"train_loss", "train_accuracy", "val_loss", "val_accuracy"}


@pytest.mark.filterwarnings("ignore:The '.*_dataloader' does not have many workers")
def test_train_accuracy_is_that_of_the_whole_epoch(tmp_path):
    module, (x, labels) = linear_classifier(learning_rate=0.0), batch(10)
    trainer = quiet_trainer(tmp_path)
    trainer.fit(module, datamodule=Batches())
    right = sum(module.predict_step((x, labels), 0).eq(labels).tolist())
    assert trainer.callback_metrics["train_accuracy"].item() == pytest.approx(right / 10, abs=1e-6)


class UnequalShares(LightningDataModule):
    """Ten images: the first process gets seven of them, the second one three."""

    def val_dataloader(self) -> DataLoader:
        x, labels = batch(10)
        share = (slice(0, 7), slice(7, 10))[self.trainer.global_rank]
        return DataLoader(TensorDataset(x[share], labels[share]), batch_size=4, num_workers=0)

    test_dataloader = val_dataloader


@pytest.mark.filterwarnings("ignore:The '.*_dataloader' does not have many workers")
@pytest.mark.parametrize("stage", ["val", "test"])
def test_evaluation_on_two_processes_is_the_mean_over_all_images(stage, tmp_path):
    needs_host_name()
    module, (x, labels) = linear_classifier(), batch(10)
    trainer = quiet_trainer(tmp_path, devices=2, strategy="ddp_fork", use_distributed_sampler=False)
    run = {"val": trainer.validate, "test": trainer.test}[stage]
    (logged,) = run(module, datamodule=UnequalShares(), verbose=False)
    right = sum(module.predict_step((x, labels), 0).eq(labels).tolist())
    assert logged == {
        f"{stage}_loss": pytest.approx(loss_by_hand(module, x, labels), abs=1e-6),
        f"{stage}_accuracy": pytest.approx(right / 10, abs=1e-6),
    }


def test_hyperparameters_are_kept_without_the_network():
    assert dict(linear_classifier(learning_rate=0.02).hparams) == {"num_classes": 3, "learning_rate": 0.02}
