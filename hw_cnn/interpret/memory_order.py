"""In which order the numbers of an image lie in memory: all channels of a pixel together are faster on a CPU."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def try_out(model: nn.Module, image: Tensor) -> tuple[Tensor, torch.memory_format]:
    """Run `model` on one image; give its output, and the memory format for more such images.

    On a CPU networks are as fast in channels-last order, or up to 1.5 times faster. A network that flattens with
    `view` refuses it, and gets the usual order.

    Shape: image (C, H, W) -> what the network gives for (1, C, H, W).
    """
    batch = image.unsqueeze(0)
    if image.device.type == "cpu":
        try:
            return model(batch.to(memory_format=torch.channels_last)), torch.channels_last
        except RuntimeError:
            pass  # where the image itself is wrong the same error comes again
    return model(batch), torch.contiguous_format
