"""Training by gradient descent whose learning rate falls when the validation error no longer does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from torch import nn, optim

from hw_cnn import classifier
from hw_cnn.recipes import beginnings

FACTOR = 0.1


def sgd_until_plateau(
    parameters: Iterable[nn.Parameter],
    learning_rate: float,
    momentum: float,
    weight_decay: float,
    patience: int,
    max_drops: int,
) -> dict[str, Any]:
    """Give SGD and a scheduler for `configure_optimizers`: a tenth of the rate after `patience` epochs without gain.

    Watches `val_accuracy`, logged once per epoch: one minus the validation error. `patience` counts the epochs that
    may pass without a new best; the rate is divided at most `max_drops` times.
    """
    optimizer = optim.SGD(parameters, lr=learning_rate, momentum=momentum, weight_decay=weight_decay)
    scheduler = optim.lr_scheduler.ReduceLROnPlateau(
        optimizer,
        mode="max",
        factor=FACTOR,
        patience=patience,
        threshold=0.0,
        # A rounding below the last rate, so that the last drop itself is not refused.
        min_lr=learning_rate * FACTOR**max_drops * 0.999,
    )
    return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "monitor": "val_accuracy"}}


class PlateauRecipe(classifier.Classifier):
    """What the recipes of AlexNet and VGG share: momentum, weight decay, and a rate that falls on a plateau.

    See `sgd_until_plateau` for `patience` and `max_drops`, `beginnings.draw` for `first_weights`.

    Raises: ValueError for another word for the first weights.
    """

    def __init__(
        self,
        model: nn.Module,
        num_classes: int = 1000,
        learning_rate: float = 0.01,
        momentum: float = 0.9,
        weight_decay: float = 5e-4,
        patience: int = 3,
        max_drops: int = 3,
        first_weights: str = "model",
    ) -> None:
        super().__init__(model, num_classes=num_classes, learning_rate=learning_rate)
        beginnings.draw(model, first_weights)
        self.momentum = momentum
        self.weight_decay = weight_decay
        self.patience = patience
        self.max_drops = max_drops

    def configure_optimizers(self) -> dict[str, Any]:  # type: ignore[override]  # one of the forms Lightning takes
        """Give SGD with its schedule."""
        return sgd_until_plateau(
            self.parameters(),
            self.learning_rate,
            self.momentum,
            self.weight_decay,
            self.patience,
            self.max_drops,
        )
