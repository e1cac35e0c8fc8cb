"""What excites a channel: the images to which it answers most strongly, cropped to what it sees there.

M. Zeiler, R. Fergus, "Visualizing and Understanding Convolutional Networks", arXiv 1311.2901 (2013), section 4 and
figure 2 (the patches; the deconvolutional network beside them is left out).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hw_cnn.interpret import layers, preserved, receptive_field


class TopPatches(NamedTuple):
    """The strongest answers of a channel, in falling order.

    values (k) are the answers, indices (k) int64 the numbers of the images, corners (k, 2) int64 the (top, left) of
    the patches, which may lie outside the image; patches (k, C, field height, field width).
    """

    values: Tensor
    indices: Tensor
    corners: Tensor
    patches: Tensor


def top_patches(model: nn.Module, images: Tensor, layer: str, channel: int, k: int) -> TopPatches:
    """Find the k images to which `channel` of `layer` answers most strongly, and crop what it sees there.

    Each image counts once, with its strongest place; of equal places the first in reading order, of equal images the
    first. A patch is the receptive field, exactly; what lies outside the image is 0. Images run in batches of 256.
    Of a layer without positions (N, features) a channel is a feature, which sees what all before it see.

    Shape: images (N, C, H, W) -> see TopPatches; values on the network's device, the rest where the images are.

    Raises: ValueError for an unknown layer, a channel that it does not have, and k outside 1..N.
    """
    if not 1 <= k <= len(images):
        raise ValueError(f"k (={k}) must be at least 1 and at most the number of images (={len(images)})")
    geometry = receptive_field.locate(model, layer, images.shape[1:])
    values, places, width = _strongest(model, images, layer, channel)
    values, order = (one[:k] for one in values.sort(descending=True, stable=True))
    boxes = [geometry.box(*divmod(place, width)) for place in places[order].tolist()]
    indices = order.to(images.device)
    patches = torch.stack([_crop(images[index], box) for index, box in zip(indices, boxes, strict=True)])
    corners = torch.tensor([box[:2] for box in boxes], device=images.device)
    return TopPatches(values, indices, corners, patches)


def _crop(image: Tensor, box: tuple[int, int, int, int]) -> Tensor:
    """Cut (top, left, bottom, right) out of an image (C, H, W); what lies outside the image is 0."""
    top, left, bottom, right = box
    frame = (-left, right - image.shape[2], -top, bottom - image.shape[1])
    framed = F.pad(image, [max(0, width) for width in frame])
    top, left = max(0, top), max(0, left)
    return framed[:, top : top + box[2] - box[0], left : left + box[3] - box[1]]


def _strongest(model: nn.Module, images: Tensor, layer: str, channel: int) -> tuple[Tensor, Tensor, int]:
    """Give each image's strongest answer (N), its place in reading order (N), and the width of the layer's map."""
    maxima: list[tuple[Tensor, Tensor]] = []
    width = 1

    def look(module: nn.Module, inputs: Any, output: Tensor) -> None:
        nonlocal width
        if not 0 <= channel < output.shape[1]:
            raise ValueError(f"channel (={channel}) must be one of the {output.shape[1]} of {layer}, from 0")
        width = output.shape[3] if output.dim() == 4 else 1
        # Of equal maxima torch gives the first.
        maxima.append(output[:, channel].reshape(len(output), -1).max(1))

    handle = layers.find(model, layer).register_forward_hook(look)
    try:
        with preserved.evaluating(model), torch.no_grad():
            for batch in images.split(256):
                model(preserved.on_device_of(model, batch))
    finally:
        handle.remove()
    values, places = (torch.cat(parts) for parts in zip(*maxima, strict=True))
    return values, places, width
