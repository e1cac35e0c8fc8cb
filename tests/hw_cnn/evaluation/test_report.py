"""The report of a test: taken from what test_step computes anyway, whoever wrote it."""

from __future__ import annotations

import pytest
import torch
from lightning import LightningDataModule, LightningModule, Trainer
from torch import nn

from hw_cnn import classifier
from hw_cnn.data import digits
from hw_cnn.data.feeding import loader
from hw_cnn.evaluation import report


class Counting(nn.Module):
    """Says that an image shows its own first pixels' largest, and counts how often it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.unused = nn.Parameter(torch.zeros(1))
        self.num_calls = 0

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        self.num_calls += 1
        return images.flatten(1)[:, :10] + 0 * self.unused


class Own(LightningModule):
    """A student's module: asks its model directly, logs nothing, has no number of classes."""

    def __init__(self, model: nn.Module, is_asked: bool = True) -> None:
        super().__init__()
        self.model = model
        self.is_asked = is_asked

    def test_step(self, batch, batch_idx):
        if self.is_asked:
            self.model(batch[0])

    validation_step = test_step


class Negating(classifier.Classifier):
    """Its model gives distances; the module itself turns them into scores."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return -self.model(images)


class Pixels(LightningDataModule):
    """Seven images of one bright pixel each; the labels of the last two are wrong."""

    def __init__(self, sign: float = 1.0) -> None:
        super().__init__()
        images = torch.eye(16)[:7].view(7, 1, 4, 4).to(torch.uint8)
        labels = torch.tensor([0, 1, 2, 3, 4, 0, 0])
        self.images, self.labels, self.sign = images, labels, sign

    def test_dataloader(self):
        return loader.TensorLoader(self.images, self.labels, batch_size=3, std=self.sign / 255)

    val_dataloader = train_dataloader = test_dataloader


def trainer(folder, *callbacks) -> Trainer:
    return Trainer(
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        max_epochs=1,
        default_root_dir=folder,
        callbacks=list(callbacks),
    )


@pytest.mark.parametrize("make", [Own, classifier.Classifier])
def test_counts_without_a_second_pass(make, tmp_path, capsys):
    model, said = Counting(), report.Report(lang="en")
    trainer(tmp_path, said).test(make(model), Pixels(), verbose=False)
    assert model.num_calls == 3
    assert said.result is not None
    assert said.result.num_images == 7
    assert said.result.top1_error.value == pytest.approx(2 / 7)
    assert said.result.confusions(5) == [(0, 5, 1), (0, 6, 1)]
    assert "top-1 error   28.57 % (8.22-64.11)" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []
    # Nobody listens any more.
    assert not model._forward_hooks


def test_the_module_has_the_last_word(tmp_path):
    said = report.Report()
    trainer(tmp_path, said).test(Negating(Counting()), Pixels(sign=-1.0), verbose=False)
    assert said.result is not None
    assert said.result.top1_error.value == pytest.approx(2 / 7)


def test_a_module_that_asks_nothing_is_told(tmp_path, capsys):
    said = report.Report()
    trainer(tmp_path, said).test(Own(Counting(), is_asked=False), Pixels(), verbose=False)
    assert said.result is None
    assert (
        "no report: test_step called neither self(images) nor self.model(images)" in capsys.readouterr().out
    )


def test_validate_reports_and_a_training_does_not(tmp_path, capsys):
    said = report.Report(lang="en", folder="evaluation")
    trainer(tmp_path, said).fit(classifier.Classifier(Counting()), Pixels())
    assert said.result is None
    assert "top-1" not in capsys.readouterr().out
    trainer(tmp_path, said).validate(classifier.Classifier(Counting()), Pixels(), verbose=False)
    assert said.result is not None
    assert said.result.stage == "validation"
    names = sorted(path.name for path in (tmp_path / "evaluation").iterdir())
    assert names == ["validation-confusion.csv", "validation-confusion.png", "validation.json"]


@pytest.mark.parametrize(("environment", "lang"), [("ru_RU.UTF-8", "ru"), ("C.UTF-8", "en")])
def test_language_of_the_environment(environment, lang, monkeypatch):
    monkeypatch.setenv("LANG", environment)
    assert report.Report().lang == lang


def test_names_of_the_classes_come_from_the_data(tmp_path, monkeypatch):
    data = digits.DigitsDataModule(batch_size=500)
    monkeypatch.setattr(data, "class_names", lambda lang: tuple(f"{lang}{n}" for n in range(10)))
    said = report.Report(lang="ru")
    module = classifier.Classifier(nn.Sequential(nn.Flatten(), nn.Linear(784, 10)))
    trainer(tmp_path, said).test(module, data, verbose=False)
    assert said.result is not None
    assert said.result.class_names[3] == "ru3"
    assert said.result.num_images == 1000


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"lang": "de"}, r"lang \(='de'\) must be one of 'ru', 'en'"),
        ({"num_confusions": -1}, r"num_confusions \(=-1\) must be at least 0"),
    ],
)
def test_refuses(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        report.Report(**arguments)
