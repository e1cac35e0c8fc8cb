"""Where a training begins: the first weights.

X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks" (2010), equation 16;
K. He, X. Zhang, S. Ren, J. Sun, "Delving Deep into Rectifiers" (2015), section 2.2.
"""

from __future__ import annotations

from torch import nn

WAYS = ("glorot", "he", "model")


def draw(model: nn.Module, first_weights: str) -> None:
    """Draw the weights of all convolutions and dense layers anew, with zero biases.

    "glorot": U(-a, a), a = sqrt(6 / (inputs + outputs)). "he": N(0, 2 / inputs), for short trainings: after the others
    each ReLU lowers the variance, and so little reaches the end of a deep network that it takes many epochs to begin.
    "model" keeps what the network came with.

    Raises: ValueError for another word.
    """
    if first_weights not in WAYS:
        raise ValueError(f"first_weights (={first_weights!r}) must be one of {', '.join(map(repr, WAYS))}")
    if first_weights == "model":
        return
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            if first_weights == "glorot":
                nn.init.xavier_uniform_(layer.weight)
            else:
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
