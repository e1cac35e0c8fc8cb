"""How accuracy falls when images are shifted: slowly for a convolutional network, at once for a fully connected one."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hw_cnn.interpret import preserved

DIRECTIONS = tuple((down, right) for down in (-1, 0, 1) for right in (-1, 0, 1) if (down, right) != (0, 0))
BATCH_SIZE = 256


def shift_curve(
    model: nn.Module, images: Tensor, labels: Tensor, max_shift_px: int, fill: float = 0.0
) -> Tensor:
    """Give the accuracy on images shifted by 0, 1, ..., max_shift_px pixels.

    A distance d has the mean over eight shifts: d pixels up, down, left, right, and d both ways at once along the
    diagonals. What leaves the image is lost, and `fill`, the background, comes in: nothing wraps around. The largest
    output is the answer.

    Shape: images (N, C, H, W), labels (N) int64 -> (max_shift_px + 1) float64.

    Raises: ValueError when there are no images, the shapes do not fit together, or the shift is negative.
    """
    if images.dim() != 4 or labels.shape != images.shape[:1] or len(labels) == 0 or max_shift_px < 0:
        raise ValueError(
            f"images have shape {tuple(images.shape)}, labels {tuple(labels.shape)}, max_shift_px is {max_shift_px}; "
            "expected (N, C, H, W), (N,), N > 0 and at least 0"
        )
    num_right = torch.zeros(max_shift_px + 1, dtype=torch.float64)
    with preserved.evaluating(model), torch.inference_mode():
        for batch, targets in zip(images.split(BATCH_SIZE), labels.split(BATCH_SIZE), strict=True):
            batch = preserved.on_device_of(model, batch)
            targets = targets.to(batch.device)
            for distance in range(max_shift_px + 1):
                shifts = {(distance * down, distance * right) for down, right in DIRECTIONS}
                right = [(model(_shifted(batch, shift, fill)).argmax(1) == targets).sum() for shift in shifts]
                num_right[distance] += torch.stack(right).double().mean().cpu()
    return num_right / len(labels)


def _shifted(images: Tensor, shift: tuple[int, int], fill: float) -> Tensor:
    """Move all images (down, right). Shape: (N, C, H, W) -> the same."""
    down, right = shift
    height, width = images.shape[2:]
    framed = F.pad(images, [abs(right), abs(right), abs(down), abs(down)], value=fill)
    top, left = abs(down) - down, abs(right) - right
    return framed[:, :, top : top + height, left : left + width]
