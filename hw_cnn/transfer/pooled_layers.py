"""Many layers of a network at once, each as the mean of its maps: how features change on the way to the answer."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from hw_cnn.interpret import activations, layers


class PooledLayers(nn.Module):
    """Gives the outputs of the `names`d layers of `network` side by side, maps reduced to their means over all places.

    The maps of an early layer are many thousands of numbers, of which the means say what there is and not where.
    `sizes` holds, after the first batch, how many numbers each layer gives: `torch.split(features, sizes, dim=1)`.
    Features are taken from the layer `pooled`: `embed(PooledLayers(network, names), loader, "pooled", l2=False)`.

    Shape: images as the network wants them -> (N, sum of sizes), without a graph, in evaluation mode.

    Raises: ValueError for a name that is no layer; for a layer that does not run, at the first batch.
    """

    def __init__(self, network: nn.Module, names: Sequence[str]) -> None:
        super().__init__()
        self.network = network
        self.names = tuple(names)
        self.pooled = nn.Identity()
        self.sizes: list[int] = []
        for name in names:
            layers.find(network, name)

    def extra_repr(self) -> str:
        """Tell the layers apart, also for the digest of the cache."""
        return f"names={self.names}"

    def forward(self, images: Tensor) -> Tensor:
        """Run the network once and collect."""
        outputs = activations.layer_outputs(self.network, images, self.names)
        rows = [
            output.mean((2, 3)) if output.dim() == 4 else output.flatten(1) for output in outputs.values()
        ]
        self.sizes = [row.shape[1] for row in rows]
        pooled: Tensor = self.pooled(torch.cat(rows, 1))
        return pooled
