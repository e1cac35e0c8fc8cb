"""Which places of the last maps speak for a class."""

from __future__ import annotations

from collections.abc import Sequence

import torch.nn.functional as F
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor

from hw_cnn.interpret.figures import canvas, words

# Points drawn for each number of a map that lies over an image.
SMOOTHING = 8


@canvas.styled
def draw_grad_cam(
    images: Tensor,
    cams: Tensor,
    names: Sequence[str],
    layer: str,
    lang: str = "en",
    place: tuple[float, float, float, float] | None = None,
) -> Figure:
    """Draw the images, the maps as they are, and the maps over the images.

    `place` (top, left, bottom, right) in pixels says where a map lies on its image: convolutions without padding leave
    margins that belong to no number of the map. None stretches the map over the whole image, as the paper does. Each
    map is scaled by its own largest value.

    Shape: images (N, C, H, W) in 0..1; cams (N, h, w), at least 0.
    """
    count, size = len(images), words.say("map", lang, height=cams.shape[1], width=cams.shape[2])
    figure = canvas.new(max(5.6, 1.6 * count + 1.9), 5.4, words.say("grad_cam", lang, layer=layer))
    axes = figure.subplots(3, count, squeeze=False)
    for column, (image, cam, name) in enumerate(zip(images, cams, names, strict=True)):
        height, width = image.shape[1:]
        cam = cam.detach().float().cpu() / (canvas.largest(cam) or 1.0)
        canvas.show(axes[0, column], image, name)
        mappable = canvas.show_map(axes[1, column], cam, 1.0, is_signed=False)
        canvas.frame(axes[1, column])
        grey = canvas.to_luminance(image.cpu())
        axes[2, column].imshow(grey.numpy(), cmap="gray", vmin=0, vmax=1, extent=(0, width, height, 0))
        large = F.interpolate(cam[None, None], scale_factor=SMOOTHING, mode="bilinear", align_corners=False)
        top, left, bottom, right = place or (0, 0, height, width)
        # What says nothing stays transparent.
        alpha = (0.15 + 0.75 * large[0, 0].clamp(0, 1)).numpy()
        extent = (left, right, bottom, top)
        canvas.show_map(axes[2, column], large[0, 0], 1.0, is_signed=False, alpha=alpha, extent=extent)
        axes[2, column].add_patch(
            Rectangle((left, top), right - left, bottom - top, fill=False, edgecolor="#92a0b3", linewidth=0.8)
        )
        axes[2, column].set(xlim=(0, width), ylim=(height, 0))
        canvas.frame(axes[2, column])
    for row, label in enumerate((words.say("image", lang), size, words.say("overlay", lang))):
        axes[row, 0].set_ylabel(label)
    canvas.colour_bar(figure, mappable, axes.flatten().tolist(), words.say("relative", lang), lang, aspect=36)
    return figure
