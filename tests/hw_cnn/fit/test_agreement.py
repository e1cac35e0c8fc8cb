"""A network and data that do not fit: one sentence with both sides and the flags, before the first step."""

from __future__ import annotations

import pytest
import torch
from lightning import LightningModule, Trainer
from torch import nn

from hw_cnn import classifier, usage
from hw_cnn.data import digits
from hw_cnn.fit import agreement
from hw_cnn.models import alexnet, lenet5, seminar, vgg


class Colours(digits.DigitsDataModule):
    """The digits, said to be of seven colours."""

    num_classes = 7


def run(module: LightningModule, data: digits.DigitsDataModule, **options) -> Trainer:
    trainer = Trainer(
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        max_steps=1,
        limit_val_batches=0,
        callbacks=[agreement.Agreement()],
        **options,
    )
    trainer.fit(module, data)
    return trainer


@pytest.mark.parametrize(
    ("model", "data", "message"),
    [
        (
            seminar.SeminarCNN(in_channels=3),
            {},
            r"SeminarCNN cannot take the 1x28x28 images of DigitsDataModule \(.*\): "
            r"set --model.model.in_channels=1 --model.model.image_size=28",
        ),
        (
            lenet5.LeNet5(),
            {},
            r"LeNet5 cannot take the 1x28x28 images .*: set --data.image_size=32",
        ),
        (seminar.SeminarCNN(), {"image_size": 40}, r"SeminarCNN cannot take the 1x40x40 .*image_size=40"),
        (
            vgg.VGG("A", in_channels=1, width=0.05, pool_size=1),
            {"image_size": 32},
            r"DigitsDataModule has 10 classes, VGG gives 1000 logits: set --model.model.num_classes=10",
        ),
        (nn.Conv2d(1, 1, 1), {}, r"Conv2d gives \(2, 1, 28, 28\) for two images; expected logits"),
    ],
)
def test_names_both_sides_and_the_mend(model, data, message):
    with pytest.raises(usage.InputError, match=message):
        run(classifier.Classifier(model), digits.DigitsDataModule(**data))


def test_number_of_classes_of_the_metrics():
    module = classifier.Classifier(seminar.SeminarCNN(num_classes=7))
    with pytest.raises(usage.InputError, match=r"Colours has 7 classes, .* 10: set --model.num_classes=7"):
        run(module, Colours())


@pytest.mark.parametrize("precision", ["32-true", "bf16-mixed", "bf16-true"])
def test_agreement_changes_nothing(precision):
    torch.manual_seed(0)
    model = alexnet.AlexNet(in_channels=1, num_classes=10, width=0.05, pool_size=1, image_size=28)
    module = classifier.Classifier(nn.Sequential(nn.BatchNorm2d(1), model))
    module.model[0].eval()
    before = torch.get_rng_state()
    callback = agreement.Agreement()
    trainer = Trainer(accelerator="cpu", logger=False, enable_checkpointing=False, precision=precision)
    trainer.strategy.connect(module)
    trainer.datamodule = digits.DigitsDataModule()
    weights = {name: value.clone() for name, value in module.state_dict().items()}
    if precision == "bf16-true":
        module.to(torch.bfloat16)
        weights = {name: value.clone() for name, value in module.state_dict().items()}
    callback.on_fit_start(trainer, module)
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(value, weights[name]) for name, value in module.state_dict().items())
    assert not module.model[0].training
    assert module.model[1].training


def test_a_module_of_another_kind_is_left_alone():
    class Own(LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(1))

        def training_step(self, batch, batch_idx):
            return self.weight.sum()

        def validation_step(self, batch, batch_idx):
            pass

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), lr=0.1)

    run(Own(), digits.DigitsDataModule())
