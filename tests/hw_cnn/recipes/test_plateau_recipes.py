"""AlexNet's and VGG's training: their update, their plateau, their first weights."""

from __future__ import annotations

import pytest
import torch
from lightning import Trainer
from torch import nn

from hw_cnn.data import digits
from hw_cnn.models import vgg as network
from hw_cnn.recipes import alexnet, plateau, vgg

RECIPES = [alexnet.AlexNetRecipe, vgg.VGGRecipe]


@pytest.mark.parametrize("recipe", RECIPES)
def test_papers_values_are_the_defaults(recipe):
    configured = recipe(nn.Linear(2, 2)).configure_optimizers()
    (group,) = configured["optimizer"].param_groups
    assert (group["lr"], group["momentum"], group["weight_decay"]) == (0.01, 0.9, 5e-4)
    assert not group["nesterov"]
    assert configured["lr_scheduler"]["monitor"] == "val_accuracy"


def test_update_is_alexnets():
    """Krizhevsky et al. 2012, section 5: v <- 0.9 v - 0.0005 lr w - lr dL/dw, w <- w + v, in plain arithmetic."""
    weight = nn.Parameter(torch.tensor([2.0], dtype=torch.float64))
    optimizer = plateau.sgd_until_plateau([weight], 0.1, 0.9, 5e-4, 3, 3)["optimizer"]
    w, v = 2.0, 0.0
    for _ in range(5):
        optimizer.zero_grad()
        (weight**3).sum().backward()
        optimizer.step()
        v = 0.9 * v - 0.0005 * 0.1 * w - 0.1 * 3 * w**2
        w += v
        assert float(weight.detach()) == pytest.approx(w, rel=1e-12)


def rates(accuracies: list[float], patience: int, max_drops: int) -> list[float]:
    configured = plateau.sgd_until_plateau([nn.Parameter(torch.zeros(1))], 1.0, 0.9, 0.0, patience, max_drops)
    found = []
    for accuracy in accuracies:
        configured["optimizer"].step()
        configured["lr_scheduler"]["scheduler"].step(accuracy)
        found.append(configured["optimizer"].param_groups[0]["lr"])
    return found


def test_rate_falls_when_accuracy_stops_rising():
    # Rising, however little, keeps the rate; the third epoch without a new best ends it.
    assert rates([0.5, 0.5001, 0.5, 0.5, 0.5, 0.6], patience=2, max_drops=3) == pytest.approx(
        [1, 1, 1, 1, 0.1, 0.1]
    )


@pytest.mark.parametrize("max_drops", [0, 1, 3])
def test_rate_falls_no_more_than_that(max_drops):
    # The floor lies a thousandth below the last rate.
    assert rates([0.5] * 20, patience=0, max_drops=max_drops)[-1] == pytest.approx(0.1**max_drops, rel=2e-3)


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_training_follows_the_validation_accuracy(recipe):
    """One linear layer that cannot learn: its accuracy stays, and so its rate falls with each epoch."""
    module = recipe(
        nn.Sequential(nn.Flatten(), nn.Linear(784, 10)), num_classes=10, learning_rate=1e-12, patience=0
    )
    trainer = Trainer(
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        max_epochs=3,
        limit_train_batches=2,
    )
    trainer.fit(module, digits.DigitsDataModule(batch_size=100))
    assert trainer.optimizers[0].param_groups[0]["lr"] == pytest.approx(1e-14, rel=1e-3)


@pytest.mark.parametrize(
    ("first_weights", "variance"),
    # 9 * 40 inputs, 9 * 60 outputs; Glorot and Bengio 2010, equation 12; He et al. 2015, equation 10.
    [("glorot", 2 / (9 * 40 + 9 * 60)), ("he", 2 / (9 * 40))],
)
def test_first_weights(first_weights, variance):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(40, 60, 3), nn.ReLU(), nn.Flatten(), nn.Linear(60, 10, bias=False))
    vgg.VGGRecipe(model, first_weights=first_weights)
    # 21,600 weights: their variance has a deviation of about 1 %.
    assert float(model[0].weight.detach().var()) == pytest.approx(variance, rel=0.05)
    assert not model[0].bias.detach().any()


def test_first_weights_of_the_network_stay():
    model = network.VGG("A", width=0.05, pool_size=1, num_classes=10)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    vgg.VGGRecipe(model, first_weights="model")
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    with pytest.raises(ValueError, match=r"first_weights .* must be one of 'glorot', 'he', 'model'"):
        vgg.VGGRecipe(model, first_weights="small net")
