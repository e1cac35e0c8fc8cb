"""The weights of a convolution: small images that show what the first layer looks for.

A. Krizhevsky, I. Sutskever, G. Hinton, "ImageNet Classification with Deep Convolutional Neural Networks" (2012),
figure 3.
"""

from __future__ import annotations

from torch import Tensor, nn

from hw_cnn.interpret import layers


def first_filters(model: nn.Module, layer: str | None = None) -> Tensor:
    """Give a copy of the filters of the first convolution, or of the convolution `layer`.

    Shape: (out_channels, in_channels of one group, kernel height, kernel width).

    Raises: ValueError for an unknown layer, for one that is no nn.Conv2d, and where there is none.
    """
    name = layers.first_convolution(model) if layer is None else layer
    module = layers.find(model, name)
    if not isinstance(module, nn.Conv2d):
        known = ", ".join(layers.names_of(model, nn.Conv2d))
        raise ValueError(
            f"{name} is a {type(module).__name__}, not an nn.Conv2d; the convolutions are {known or 'none'}"
        )
    return module.weight.detach().clone()
