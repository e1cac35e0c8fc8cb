"""The image that excites a channel most, found by gradient ascent from noise.

K. Simonyan, A. Vedaldi, A. Zisserman, "Deep Inside Convolutional Networks", arXiv 1312.6034 (2013), section 2: the
score minus a penalty on the size of the image. J. Yosinski et al., "Understanding Neural Networks Through Deep
Visualization", arXiv 1506.06579 (2015): blurring. A. Mordvintsev, C. Olah, M. Tyka, "Inceptionism" (2015): jitter.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hw_cnn.interpret import gradients, layers, preserved

# Binomial: the narrowest kernel with the shape of a Gaussian.
BLUR = (0.25, 0.5, 0.25)


def maximise_channel(
    model: nn.Module,
    layer: str,
    channel: int,
    input_shape: Sequence[int],
    num_steps: int = 120,
    seed: int = 0,
    step_size: float = 0.1,
    decay: float = 0.04,
    blur_interval: int = 4,
    jitter_px: int = 2,
    gradient_of: gradients.Gradient | None = None,
) -> Tensor:
    """Climb to an image to which `channel` of `layer` answers strongly at all its places (their mean).

    It begins as small noise. Each step moves the image by up to `jitter_px` pixels (and back), goes `step_size` times
    the gradient divided by its root mean square, and shrinks the image by the share `decay`, so that its root mean
    square stays below step_size / decay; both shares fall to 0. Every `blur_interval`-th step but the last ones blurs
    it (0 never does). Without these three the answer is stronger still, to an image of noise.

    A channel behind a ReLU that is silent for noise has no gradient: name the layer before the ReLU. Of a layer
    without positions, such as the last one, a channel is a feature or a class. All random numbers come from `seed`.
    The gradient is the saliency of a network that ends in the layer; `gradient_of` computes it: `gradients.saliency`,
    or your own.

    Shape: input_shape (C, H, W) -> (C, H, W), in units of the network's input, on its device.

    Raises: ValueError for an unknown layer, one that does not run, and a channel that it does not have.
    """
    generator = torch.Generator().manual_seed(seed)
    image = 0.1 * torch.randn(1, *input_shape, generator=generator).to(**preserved.kind_of(model))
    means, which = _ChannelMeans(model, layer, channel), torch.tensor([channel])
    for step in range(num_steps):
        down, right = torch.randint(-jitter_px, jitter_px + 1, (2,), generator=generator).tolist()
        moved = image.roll((down, right), (2, 3))
        gradient = (gradient_of or gradients.saliency)(means, moved, which).roll((-down, -right), (2, 3))
        direction = gradient / gradient.square().mean().sqrt().clamp(min=1e-12)
        # Ever smaller steps, which do not jump over a narrow summit.
        left = 1 - step / num_steps
        image = (1 - left * decay) * image + left * step_size * direction
        # The last steps stay sharp.
        if blur_interval and step % blur_interval == 0 and step < 0.9 * num_steps:
            image = _blur(image)
    return image[0]


class _ChannelMeans(nn.Module):
    """A network that ends in a layer: its scores are what the layer's channels answer, as means over all places.

    Shape: images as the network wants them -> (N, channels).
    """

    def __init__(self, model: nn.Module, layer: str, channel: int) -> None:
        super().__init__()
        self.model = model
        self.name, self.channel = layer, channel
        self.layer = layers.find(model, layer)

    def forward(self, images: Tensor) -> Tensor:
        means: list[Tensor] = []

        def keep(module: nn.Module, inputs: Any, output: Tensor) -> None:
            if not 0 <= self.channel < output.shape[1]:
                raise ValueError(
                    f"channel (={self.channel}) must be one of the {output.shape[1]} of {self.name}, from 0"
                )
            means[:] = [output.flatten(2).mean(2) if output.dim() > 2 else output]

        handle = self.layer.register_forward_hook(keep)
        try:
            self.model(images)
        finally:
            handle.remove()
        if not means:
            raise ValueError(f"{self.name} is not run by {type(self.model).__name__}; name another layer")
        return means[0]


def _blur(image: Tensor) -> Tensor:
    """Blur each channel; the border is repeated. Shape: (1, C, H, W) -> the same."""
    line = torch.tensor(BLUR).to(image)
    kernel = (line[:, None] * line).expand(image.shape[1], 1, 3, 3)
    return F.conv2d(F.pad(image, [1] * 4, mode="replicate"), kernel, groups=image.shape[1])
