"""What each layer makes of one image."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.figure import Figure
from torch import Tensor

from hw_cnn.interpret.figures import canvas, words

MAX_CHANNELS = 8


@canvas.styled
def draw_outputs(
    image: Tensor, outputs: Mapping[str, Tensor], lang: str = "en", kinds: Mapping[str, str] | None = None
) -> Figure:
    """Draw one row per layer with its first channels; each row has its own scale.

    Rows with numbers below zero go from blue over white to red, others from dark to bright. `kinds` says beside a
    layer's name what it is.

    Shape: image (C, H, W) in 0..1; outputs: name -> (channels, h, w).
    """
    columns = min(MAX_CHANNELS, max(len(output) for output in outputs.values()))
    figure = canvas.new(1.12 * columns + 3.4, 1.2 * len(outputs) + 0.75, words.say("outputs", lang))
    widths = [1.5, 1.12 * columns + 1.9]
    pictures, maps = figure.subfigures(1, 2, squeeze=False, width_ratios=widths)[0]
    whole = pictures.subplots()
    canvas.show(whole, image, words.say("image", lang))
    whole.set_anchor("N")
    axes = maps.subplots(len(outputs), columns, squeeze=False)
    num_numbered = 0
    for row, (name, output) in zip(axes, outputs.items(), strict=True):
        if output.dim() != 3:
            raise ValueError(
                f"the output of {name!r} has shape {tuple(output.shape)}; expected (channels, h, w) of one image"
            )
        is_signed, limit = bool((output < 0).any()), canvas.largest(output)
        for number, (panel, values) in enumerate(zip(row, output, strict=False)):
            mappable = canvas.show_map(panel, values, limit, is_signed=is_signed)
            # The number of a channel stands above the first map that has it.
            canvas.frame(panel, str(number) if number >= num_numbered else "")
        num_numbered = max(num_numbered, len(output))
        for panel in row[len(output) :]:
            panel.set_axis_off()
        row[0].set_ylabel(_label(name, output, kinds or {}), rotation=0, ha="right", va="center", fontsize=9)
        canvas.colour_bar(maps, mappable, row.tolist(), words.say("output", lang), lang, aspect=9)
    return figure


def _label(name: str, output: Tensor, kinds: Mapping[str, str]) -> str:
    channels, height, width = output.shape
    return "\n".join(filter(None, [name, kinds.get(name, ""), f"{channels} × {height} × {width}"]))
