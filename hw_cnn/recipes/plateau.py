"""Gradient descent whose learning rate falls when the validation error no longer does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from torch import nn, optim

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
