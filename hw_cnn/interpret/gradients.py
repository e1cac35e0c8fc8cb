"""Which pixels would move the score of a class: its gradient, averaged over noise, and summed along a path.

K. Simonyan, A. Vedaldi, A. Zisserman, "Deep Inside Convolutional Networks", arXiv 1312.6034 (2013), section 3.
D. Smilkov et al., "SmoothGrad: removing noise by adding noise", arXiv 1706.03825 (2017).
M. Sundararajan, A. Taly, Q. Yan, "Axiomatic Attribution for Deep Networks", arXiv 1703.01365 (2017).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn

from hw_cnn.interpret import preserved

Gradient = Callable[[nn.Module, Tensor, Tensor], Tensor]


def saliency(model: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
    """Give the gradient of each image's score of its own class, with its sign: > 0 where brighter is surer.

    Simonyan et al. draw the largest absolute value over the channels.

    Shape: images (N, C, H, W), labels (N) int64 -> (N, C, H, W), on the network's device.
    """
    pixels = preserved.on_device_of(model, images).detach().clone().requires_grad_()
    with preserved.evaluating(model), torch.enable_grad():
        scores = model(pixels).gather(1, labels.to(pixels.device).unsqueeze(1))
        # Images do not influence each other, so the sum has each one's own gradient. No gradient reaches the weights.
        (gradient,) = torch.autograd.grad(scores.sum(), pixels)
    return gradient


def smooth_grad(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    num_samples: int = 25,
    noise: float = 0.15,
    seed: int = 0,
    gradient_of: Gradient | None = None,
) -> Tensor:
    """Give the mean gradient over `num_samples` copies of each image, each with its own Gaussian noise.

    The noise's standard deviation is `noise` times the range (largest minus smallest value) of the image. It is drawn
    on the CPU from `seed`: every device sees the same. `gradient_of` computes one gradient: `saliency`, or your own.

    Shape: images (N, C, H, W), labels (N) int64 -> (N, C, H, W), on the network's device.

    Raises: ValueError when `num_samples` is below 1.
    """
    generator = torch.Generator().manual_seed(seed)
    scale = noise * (images.amax((1, 2, 3), keepdim=True) - images.amin((1, 2, 3), keepdim=True))
    noisy = (
        images + scale * torch.randn(images.shape, generator=generator, dtype=images.dtype).to(images.device)
        for _ in range(num_samples)
    )
    return _mean(gradient_of or saliency, model, noisy, labels, num_samples)


def integrated_gradients(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    baseline: float | Tensor = 0.0,
    num_steps: int = 50,
    gradient_of: Gradient | None = None,
) -> Tensor:
    """Give (image - baseline) times the mean gradient on the straight way from `baseline` to the image.

    Over all pixels they add up to what the image's score has above the baseline's, the better the more steps. The
    gradient is taken in the middle of each of `num_steps` equal steps, by `gradient_of`: `saliency`, or your own.

    Shape: images (N, C, H, W), labels (N) int64, baseline a number or (C, 1, 1) or (N, C, H, W) -> (N, C, H, W), on
        the network's device.

    Raises: ValueError when `num_steps` is below 1.
    """
    images = preserved.on_device_of(model, images).detach()
    start = torch.as_tensor(baseline).to(images)
    way = (start + (step + 0.5) / num_steps * (images - start) for step in range(num_steps))
    return (images - start) * _mean(gradient_of or saliency, model, way, labels, num_steps)


def _mean(
    gradient_of: Gradient, model: nn.Module, versions: Iterable[Tensor], labels: Tensor, count: int
) -> Tensor:
    """Average the gradient over `count` versions of the images."""
    if count < 1:
        raise ValueError(f"{count} gradients have no mean; take at least 1")
    total: float | Tensor = 0.0
    for version in versions:
        total = total + gradient_of(model, version, labels)
    return torch.as_tensor(total / count)
