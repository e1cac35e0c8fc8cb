"""Which pixels of the image a number of a layer sees: size of the field, and where it lies.

V. Dumoulin, F. Visin, "A guide to convolution arithmetic for deep learning", arXiv 1603.07285 (2016): a window with
kernel k, stride s and padding p turns (field, jump, start) into (field + (k - 1) · jump, jump · s, start - p · jump).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from hw_cnn.interpret import layers, preserved
from hw_cnn.summary import operations


class Geometry(NamedTuple):
    """Fields of a layer's numbers, each (vertical, horizontal) in pixels of the image.

    `field_px` is the size of a field, `jump_px` the step from one number's field to the next one's, `start_px` the
    top left pixel of the field of number (0, 0). Where the image was padded a field lies partly outside of it, and
    `start_px` is below 0.
    """

    field_px: tuple[int, int]
    jump_px: tuple[int, int]
    start_px: tuple[int, int]

    def box(self, row: int, column: int) -> tuple[int, int, int, int]:
        """Give the field of number (row, column) as (top, left, bottom, right); bottom and right are excluded."""
        top = self.start_px[0] + row * self.jump_px[0]
        left = self.start_px[1] + column * self.jump_px[1]
        return top, left, top + self.field_px[0], left + self.field_px[1]


def locate(model: nn.Module, layer: str, input_shape: Sequence[int]) -> Geometry:
    """Find the fields of the numbers that `layer` gives for one image of `input_shape` (C, H, W).

    Read from the operations that run, so functional layers and branches count: where branches meet, the smallest
    field that holds theirs is meant. Behind a flattening a number sees what all numbers before it see. Left out are
    factors of whole maps (squeeze-and-excitation) and the neighbours that reflecting padding mirrors; adaptive
    pooling into windows of different sizes gets the largest. A layer that runs several times: its last call.

    Raises: ValueError for an unknown layer, and for one that does not run.
    """
    image = torch.zeros(1, *input_shape, **preserved.kind_of(model))
    tracker = operations.Tracker(image, lambda kind, output, counts: None)
    views: list[operations.View] = []

    def look(module: nn.Module, inputs: Any, output: Tensor) -> None:
        views.append(tracker.view(output))

    handle = layers.find(model, layer).register_forward_hook(look)
    try:
        # inference_mode: the tracker knows tensors by their identity, and autograd would wrap them anew.
        with preserved.evaluating(model), torch.inference_mode(), tracker:
            model(image)
    finally:
        handle.remove()
    if not views:
        raise ValueError(f"{layer} is not run by {type(model).__name__}; name another layer")
    return Geometry(views[-1].field_px, views[-1].jump_px, views[-1].start_px)
