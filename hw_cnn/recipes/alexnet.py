"""How AlexNet was trained.

A. Krizhevsky, I. Sutskever, G. Hinton, "ImageNet Classification with Deep Convolutional Neural Networks" (2012),
section 5.
"""

from __future__ import annotations

from typing import Any

from torch import nn

from hw_cnn import classifier
from hw_cnn.recipes import beginnings, plateau


class AlexNetRecipe(classifier.Classifier):
    """Momentum and weight decay; the learning rate falls to a tenth when the validation error stops improving.

    v <- 0.9 v - 0.0005 lr w - lr dL/dw,  w <- w + v. Batches of 128 come from the data module, about 90 epochs from
    the trainer; the paper's rate went down three times.

    Differs from the paper: there a person decided when the error had stopped improving, here `patience` epochs
    without a better one do; and torch multiplies v by the rate when it is used, not when it is gathered, which is the
    same while the rate stays. The first weights are the network's own (`models.alexnet_2012` has the paper's) unless
    `first_weights` says otherwise (see beginnings.draw).

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

    def configure_optimizers(self) -> dict[str, Any]:  # type: ignore[override]
        """Give SGD with its schedule."""
        return plateau.sgd_until_plateau(
            self.parameters(),
            self.learning_rate,
            self.momentum,
            self.weight_decay,
            self.patience,
            self.max_drops,
        )
