"""Grad-CAM: which places of a layer's maps speak for a class.

R. Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization", arXiv
1610.02391 (2016), section 3, equations 1 and 2.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import torch
from torch import Tensor, nn

from hw_cnn.interpret import gradients, layers, preserved


class GradCAM:
    """Watches one layer of a network while it is entered:

        with GradCAM(model, "features.3") as cam:
            maps = cam(images, labels)

    Let A^k be map k of the layer and f the score of the class. The weight of a map is the mean of its gradient,
    a_k = mean over positions of df / dA^k, and the answer is ReLU(sum over k of a_k A^k): what speaks against the
    class is left out.

    df / dA is the saliency of the part of the network that lies behind the layer and takes its maps for images;
    `gradient_of` computes it: `gradients.saliency`, or your own. Of a layer that runs several times the last call
    counts.

    Raises: ValueError for an unknown layer, when the layer does not run, and when its output is no map.
    """

    def __init__(self, model: nn.Module, layer: str, gradient_of: gradients.Gradient | None = None) -> None:
        self.model = model
        self.name = layer
        self.layer = layers.find(model, layer)
        self.gradient_of = gradient_of or gradients.saliency
        self.outputs: list[Tensor] = []

    def __enter__(self) -> GradCAM:
        self._leaving = ExitStack()
        self._leaving.enter_context(preserved.evaluating(self.model))
        self._leaving.callback(self.layer.register_forward_hook(self._keep).remove)
        return self

    def __exit__(self, *error: object) -> None:
        self._leaving.close()
        self.outputs.clear()

    def _keep(self, module: nn.Module, inputs: Any, output: Tensor) -> None:
        # A copy: an in-place ReLU behind the layer may write into its output.
        self.outputs.append(output.detach().clone())

    def __call__(self, images: Tensor, labels: Tensor) -> Tensor:
        """Shape: images (N, C, H, W), labels (N) int64 -> (N, h, w) >= 0, as large as the layer's maps."""
        images = preserved.on_device_of(self.model, images)
        self.outputs.clear()
        with torch.no_grad():
            self.model(images)
        if not self.outputs or self.outputs[-1].dim() != 4:
            given = f"gives {tuple(self.outputs[-1].shape)}" if self.outputs else "does not run"
            raise ValueError(f"{self.name} {given}; take a layer whose output is (N, channels, h, w)")
        maps, num_calls = self.outputs[-1], len(self.outputs)
        # Image by image: a `gradient_of` that splits its batch would meet branches around the layer that are not split.
        singles = zip(images.split(1), maps.split(1), labels.split(1), strict=True)
        gradient = torch.cat(
            [
                self.gradient_of(_Behind(self.model, self.layer, image, num_calls), own, label)
                for image, own, label in singles
            ]
        )
        weights = gradient.mean((2, 3), keepdim=True)
        return (weights * maps).sum(1).relu()


class _Behind(nn.Module):
    """What of a network lies behind a layer: it runs on `images` and goes on with other maps from the last call."""

    def __init__(self, model: nn.Module, layer: nn.Module, images: Tensor, num_calls: int) -> None:
        super().__init__()
        self.model, self.layer = model, layer
        self.images, self.num_calls = images, num_calls

    def forward(self, maps: Tensor) -> Tensor:
        calls = 0

        def put(module: nn.Module, inputs: Any, output: Tensor) -> Tensor | None:
            nonlocal calls
            calls += 1
            # Here too a copy.
            return maps.clone() if calls == self.num_calls else None

        handle = self.layer.register_forward_hook(put)
        try:
            scores: Tensor = self.model(self.images)
        finally:
            handle.remove()
        return scores


def grad_cam(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    layer: str | None = None,
    gradient_of: gradients.Gradient | None = None,
) -> Tensor:
    """Give the Grad-CAM map of each image for its own class, by default of the last layer that still has places.

    That is `layers.last_map`, mostly the last convolution. The paper takes its maps behind the ReLU: name that layer
    to follow it. `gradient_of` computes the gradient: `gradients.saliency`, or your own.

    Shape: images (N, C, H, W), labels (N) int64 -> (N, h, w) >= 0, as large as the layer's maps.

    Raises: ValueError for an unknown layer, and for one without maps.
    """
    name = layers.last_map(model, images) if layer is None else layer
    with GradCAM(model, name, gradient_of) as cam:
        return cam(images, labels)
