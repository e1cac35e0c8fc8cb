"""How VGG was trained.

K. Simonyan, A. Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition" (2015), section 3.1.
"""

from __future__ import annotations

from typing import Any

from torch import nn

from hw_cnn import classifier
from hw_cnn.recipes import beginnings, plateau


class VGGRecipe(classifier.Classifier):
    """Momentum and weight decay; the learning rate falls to a tenth, three times, when the validation error stalls.

    Batches of 256 come from the data module, 74 epochs from the trainer. The first weights are drawn
    after Glorot unless `first_weights` says otherwise (see beginnings.draw).

    Differs from the paper: it trained the shallow configuration A first and put its layers into the deeper ones, and
    noted after submission that the drawing of Glorot and Bengio (2010) makes this unnecessary; that is done here. A
    person decided when the error had stopped improving, here `patience` epochs without a better one do.

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
        first_weights: str = "glorot",
    ) -> None:
        super().__init__(model, num_classes=num_classes, learning_rate=learning_rate)
        self.momentum = momentum
        self.weight_decay = weight_decay
        self.patience = patience
        self.max_drops = max_drops
        beginnings.draw(model, first_weights)

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
