"""Which part of the image a network cannot do without."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor

from hw_cnn.interpret.figures import canvas, words

COLUMNS = 6


@canvas.styled
def draw_occlusion(
    images: Tensor,
    maps: Sequence[Tensor],
    names: Sequence[str],
    window: int,
    stride: int = 1,
    lang: str = "en",
) -> Figure:
    """Draw each image over its map: red where covering a square lowers the score, blue where it raises it.

    Each number of a map is drawn where the middle of its square was; each map has its own scale. The frame on the
    first image is one square.

    Shape: images (N, C, H, W) in 0..1; maps: N times (h, w) as `occlusion_map` gives them.
    """
    rows, columns = canvas.grid(len(images), COLUMNS)
    title = words.say("occlusion", lang, window=window)
    figure = canvas.new(max(5.6, 1.75 * columns + 0.3), 4.35 * rows + 0.45, title)
    axes = figure.subplots(2 * rows, columns, squeeze=False)
    for unused in axes.flatten():
        unused.set_axis_off()
    for number, (image, values, name) in enumerate(zip(images, maps, names, strict=True)):
        row, column = divmod(number, columns)
        upper, lower = axes[2 * row, column], axes[2 * row + 1, column]
        height, width = image.shape[1:]
        canvas.show(upper, image, name, extent=(0, width, height, 0))
        limit = canvas.largest(values)
        faint = canvas.to_luminance(image)[None] / 3 + 0.6
        canvas.show(lower, 1 - image / 5 if len(image) == 1 else faint, extent=(0, width, height, 0))
        # Squares lie wholly inside, so their middles leave a margin of half a square.
        edge = (window - stride) / 2
        extent = (edge, edge + stride * values.shape[1], edge + stride * values.shape[0], edge)
        # What changes nothing stays transparent.
        alpha = (values.detach().abs().float().cpu() / (limit or 1.0)).sqrt().numpy()
        canvas.show_map(lower, values, limit, is_signed=True, extent=extent, alpha=alpha)
        lower.set(xlim=(0, width), ylim=(height, 0))
        canvas.frame(lower)
        scale = ScalarMappable(Normalize(-(limit or 1.0), limit or 1.0), cmap=canvas.SIGNED)
        canvas.colour_bar(figure, scale, lower, "", lang, location="bottom", aspect=18, pad=0.03)
    figure.supxlabel(words.say("drop", lang), fontsize=10)
    axes[0, 0].add_patch(
        Rectangle(
            (0, 0), window, window, facecolor="none", edgecolor=canvas.FRAME, linewidth=2, clip_on=False
        )
    )
    return figure
