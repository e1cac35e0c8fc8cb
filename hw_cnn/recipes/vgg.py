"""How VGG was trained.

K. Simonyan, A. Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition" (2015), section 3.1.
"""

from __future__ import annotations

from typing import Any

from torch import nn

from hw_cnn.recipes import plateau


class VGGRecipe(plateau.PlateauRecipe):
    """Momentum and weight decay; the learning rate falls to a tenth, three times, when the validation error stalls.

    Batches of 256 come from the data module, 74 epochs from the trainer. The first weights are drawn
    after Glorot unless `first_weights` says otherwise (see beginnings.draw).

    Differs from the paper: it trained the shallow configuration A first and put its layers into the deeper ones, and
    noted after submission that the drawing of Glorot and Bengio (2010) makes this unnecessary; that is done here. A
    person decided when the error had stopped improving, here `patience` epochs without a better one do.

    Raises: ValueError for another word for the first weights.
    """

    def __init__(self, model: nn.Module, first_weights: str = "glorot", **arguments: Any) -> None:
        super().__init__(model, first_weights=first_weights, **arguments)
