"""Images made to excite one channel each."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from torch import Tensor

from hw_cnn.interpret.figures import canvas, words


@canvas.styled
def draw_maximised(images: Tensor, names: Sequence[str], layer: str | None, lang: str = "en") -> Figure:
    """Draw each image stretched from its darkest to its brightest value, with its name above it.

    The names are of channels of `layer`, or of classes where `layer` is None. The optimisation knows no limits of
    brightness, so absolute values say little; the bar is for images of one channel.

    Shape: images (N, C, H, W).
    """
    rows, columns = canvas.grid(len(images), 6)
    figure = canvas.new(
        max(5.0, 1.5 * columns + 0.8),
        1.72 * rows + 0.5,
        words.say("maximised_classes" if layer is None else "maximised", lang, layer=layer),
    )
    axes = canvas.panels(figure, len(images), 6)
    for panel, image, name in zip(axes, images, names, strict=True):
        canvas.show(panel, stretched(image), name)
    if images.shape[1] != 1:
        return figure
    scale = ScalarMappable(Normalize(0, 1), cmap="gray")
    bar = canvas.colour_bar(figure, scale, axes, words.say("brightness", lang), lang)
    bar.set_ticks([0, 1], labels=[words.say("least", lang), words.say("greatest", lang)])
    return figure


def stretched(image: Tensor) -> Tensor:
    """Give the image with its least value moved to 0 and its greatest to 1; a constant image becomes grey."""
    low, high = image.min(), image.max()
    return (image - low) / (high - low) if high > low else image * 0 + 0.5
