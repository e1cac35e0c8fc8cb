"""How VGG was trained.

K. Simonyan, A. Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition" (2015), section 3.1.
"""

from __future__ import annotations

from typing import Any

from torch import nn

from hw_cnn import classifier
from hw_cnn.recipes import plateau

STARTS = ("glorot", "he", "model")


class VGGRecipe(classifier.Classifier):
    """Momentum and weight decay; the learning rate falls to a tenth, three times, when the validation error stalls.

    Batches of 256 come from the data module, 74 epochs from the trainer. First weights, with
    zero biases: "glorot" draws from U(-a, a), a = sqrt(6 / (inputs + outputs)); "he" from N(0, 2 / inputs); "model"
    keeps what the network came with.

    Differs from the paper: it trained the shallow configuration A first and put its layers into the deeper ones, and
    noted after submission that the drawing of Glorot and Bengio (2010) makes this unnecessary; that is done here. A
    person decided when the error had stopped improving, here `patience` epochs without a better one do. "he" (He et
    al. 2015, section 2.2) is for short trainings: after Glorot's drawing each ReLU halves the variance, and so little
    reaches the end of sixteen layers that 15 epochs on the embedded digits do not even begin to learn.

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
        if first_weights not in STARTS:
            raise ValueError(
                f"first_weights (={first_weights!r}) must be one of {', '.join(map(repr, STARTS))}"
            )
        self.momentum = momentum
        self.weight_decay = weight_decay
        self.patience = patience
        self.max_drops = max_drops
        if first_weights != "model":
            draw(model, first_weights)

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


def draw(model: nn.Module, first_weights: str) -> None:
    """Draw the weights of all convolutions and dense layers anew, as `first_weights` says: "glorot" or "he"."""
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            if first_weights == "glorot":
                nn.init.xavier_uniform_(layer.weight)
            else:
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
