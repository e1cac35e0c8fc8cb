"""Attributions to single pixels, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure
from torch import Tensor

from hw_cnn.interpret.figures import canvas, words

# One pixel that outshines all others would leave the rest of its panel white.
SHARE_SHOWN = 0.995


@canvas.styled
def draw_attributions(
    images: Tensor, attributions: Mapping[str, Tensor], names: Sequence[str], lang: str = "en"
) -> Figure:
    """Draw one row per image: the image, then its attributions by each method.

    Red pixels speak for the class where they become brighter, blue ones where they become darker; for integrated
    gradients red is a contribution to the score and blue one against it. Colour channels are added up. Each panel is
    scaled by its own largest value. The methods are named by their functions, for example `smooth_grad`.

    Shape: images (N, C, H, W) in 0..1; attributions: method -> (N, C, H, W).
    """
    columns = 1 + len(attributions)
    figure = canvas.new(1.85 * columns + 1.3, 1.75 * len(images) + 0.95, words.say("attributions", lang))
    axes = figure.subplots(len(images), columns, squeeze=False)
    for row, image, name in zip(axes, images, names, strict=True):
        canvas.show(row[0], image)
        row[0].set_ylabel(name, rotation=0, ha="right", va="center", labelpad=6)
    axes[0, 0].set_title(words.say("image", lang))
    for column, (method, values) in enumerate(attributions.items(), 1):
        for row, of_image in zip(axes, values, strict=True):
            shown = of_image.detach().sum(0)
            shown = shown / (canvas.largest(shown, SHARE_SHOWN) or 1.0)
            mappable = canvas.show_map(row[column], shown, 1.0, is_signed=True)
            canvas.frame(row[column])
        axes[0, column].set_title(words.say(method, lang) if method in words.WORDS else method)
    canvas.colour_bar(
        figure, mappable, axes[:, 1:].flatten().tolist(), words.say("relative", lang), lang, aspect=30
    )
    return figure
