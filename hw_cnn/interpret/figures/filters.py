"""The filters of a convolution as small pictures."""

from __future__ import annotations

from matplotlib.figure import Figure
from torch import Tensor

from hw_cnn.interpret.figures import canvas, words

MAX_FILTERS = 64
# Each channel of the input gets a row of its own up to here; more filters are shown in colour alone.
MAX_COLUMNS, MAX_ROWS = 16, 6
COLOURS = ("red", "green", "blue")


@canvas.styled
def draw_filters(filters: Tensor, layer: str = "", lang: str = "en") -> Figure:
    """Draw the weights of a convolution: blue below zero, red above; filters on RGB also as colours around grey.

    Many filters on three channels are drawn in colour alone, many on one channel in several rows.

    Shape: filters (out_channels, in_channels, kH, kW).
    """
    if filters.dim() != 4:
        raise ValueError(
            f"filters have shape {tuple(filters.shape)}; expected (out_channels, in_channels, kH, kW)"
        )
    filters = filters.detach().float().cpu()
    count, channels, height, width = filters.shape
    title = words.say(
        "filters", lang, layer=layer, count=count, channels=channels, height=height, width=width
    )
    if channels == 1:
        return _in_one_grid(filters, title, lang)
    if channels == 3 and count > MAX_COLUMNS:
        return _in_colour(filters, title, lang)
    return _by_input(filters, title, lang)


def _in_one_grid(filters: Tensor, title: str, lang: str) -> Figure:
    shown = filters[:MAX_FILTERS]
    rows, columns = canvas.grid(len(shown), 8)
    figure = canvas.new(
        max(4.6, 1.15 * columns + 1.2), 1.35 * rows + 0.7, _titled(title, len(shown), len(filters), lang)
    )
    axes = canvas.panels(figure, len(shown), 8)
    limit = canvas.largest(filters)
    for number, (panel, weights) in enumerate(zip(axes, shown, strict=True)):
        mappable = canvas.show_map(panel, weights[0], limit, is_signed=True)
        canvas.frame(panel, str(number))
    canvas.colour_bar(figure, mappable, axes, words.say("weight", lang), lang)
    return figure


def _in_colour(filters: Tensor, title: str, lang: str) -> Figure:
    shown = filters[:MAX_FILTERS]
    rows, _ = canvas.grid(len(shown), MAX_COLUMNS)
    figure = canvas.new(9.6, 0.8 * rows + 0.75, _titled(title, len(shown), len(filters), lang))
    limit = canvas.largest(filters)
    for number, (panel, weights) in enumerate(
        zip(canvas.panels(figure, len(shown), MAX_COLUMNS), shown, strict=True)
    ):
        canvas.show(panel, in_colour(weights, limit))
        panel.set_title(str(number), fontsize=8, pad=2)
    figure.supxlabel(_scale(limit, lang), fontsize=10)
    return figure


def _by_input(filters: Tensor, title: str, lang: str) -> Figure:
    """One column per filter: its colours where there are three, then one row per channel of the input."""
    is_rgb = filters.shape[1] == 3
    shown = filters[:MAX_COLUMNS, :MAX_ROWS]
    names = [
        words.say(COLOURS[channel], lang) if is_rgb else words.say("channel_in", lang, channel=channel)
        for channel in range(shown.shape[1])
    ]
    rows, columns = is_rgb + len(names), len(shown)
    figure = canvas.new(
        max(5.2, 0.78 * columns + 2.0),
        0.82 * rows + 0.9 + 0.3 * is_rgb,
        _titled(title, len(shown), len(filters), lang),
    )
    axes = figure.subplots(rows, columns, squeeze=False)
    limit = canvas.largest(filters)
    for column, weights in enumerate(shown):
        if is_rgb:
            canvas.show(axes[0, column], in_colour(weights, limit))
        for row, channel in enumerate(weights, is_rgb):
            mappable = canvas.show_map(axes[row, column], channel, limit, is_signed=True)
            canvas.frame(axes[row, column])
        axes[0, column].set_title(str(column))
    for row, name in enumerate([words.say("all_channels", lang)] * is_rgb + names):
        axes[row, 0].set_ylabel(name, rotation=0, ha="right", va="center")
    canvas.colour_bar(figure, mappable, axes[is_rgb:].flatten().tolist(), words.say("weight", lang), lang)
    if is_rgb:
        figure.supxlabel(_scale(limit, lang), fontsize=10)
    return figure


def in_colour(weights: Tensor, limit: float) -> Tensor:
    """Give (3, kH, kW) weights as colours: grey for zero, full colour for ±limit."""
    return 0.5 + weights / (2 * (limit or 1.0))


def _scale(limit: float, lang: str) -> str:
    return words.say("colour_scale", lang, limit=words.number(limit, lang, 2))


def _titled(title: str, num_shown: int, count: int, lang: str) -> str:
    """Say when not all filters are shown."""
    return (
        title
        if num_shown == count
        else f"{title} ({words.say('shown_of', lang, shown=num_shown, all=count)})"
    )
