"""What the answer hangs on: the image with a window covered, at every place in turn.

M. Zeiler, R. Fergus, "Visualizing and Understanding Convolutional Networks", arXiv 1311.2901 (2013), section 4.2.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from hw_cnn.interpret import memory_order, preserved


def occlusion_map(
    model: nn.Module,
    image: Tensor,
    label: int,
    window: int,
    stride: int = 1,
    fill: float = 0.0,
    batch_size: int = 256,
) -> Tensor:
    """Give how much the score of class `label` falls when a square of the image is filled: > 0 where it speaks for it.

    The squares, `window` pixels high and wide, lie wholly inside the image, `stride` pixels apart; all channels become
    `fill`. At most `batch_size` covered images exist at a time. The paper draws the probability of the right class
    instead, which depends on all the other scores too.

    Shape: image (C, H, W) -> (H', W') with H' = floor((H - window) / stride) + 1, on the network's device.

    Raises: ValueError when the image has other axes, the window does not fit, or a number is below 1.
    """
    if image.dim() != 3 or min(window, stride, batch_size) < 1:
        raise ValueError(
            f"image has shape {tuple(image.shape)}, window is {window}, stride is {stride}, "
            f"batch_size is {batch_size}; expected (C, H, W), and numbers of at least 1"
        )
    if window > min(image.shape[1:]):
        raise ValueError(f"a window of {window} does not fit into an image of shape {tuple(image.shape)}")
    image = preserved.on_device_of(model, image)
    num_channels, height, width = image.shape
    rows, columns = (
        torch.arange(0, length - window + 1, stride, device=image.device) for length in (height, width)
    )
    side = torch.arange(window, device=image.device)
    # Pixels by their number in reading order: the corners of all squares, and a square from its corner on.
    corners = (width * rows[:, None] + columns).flatten()
    square = (width * side[:, None] + side).flatten()
    drops = []
    with preserved.evaluating(model), torch.inference_mode():
        scores, order = memory_order.try_out(model, image)
        for some in corners.split(batch_size):
            pixels = (some[:, None] + square).unsqueeze(1).expand(-1, num_channels, -1)
            covered = image.flatten(1).expand(len(some), -1, -1).scatter(2, pixels, fill)
            covered = covered.view(-1, num_channels, height, width).to(memory_format=order)
            drops.append(scores[0, label] - model(covered)[:, label])
    return torch.cat(drops).view(len(rows), len(columns))
