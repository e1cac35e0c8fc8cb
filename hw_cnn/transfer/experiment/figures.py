"""Pictures of what features find: queries and their nearest neighbours. Needs matplotlib (the extra `explain`)."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

# Told apart by sign and line as well as by colour (M. Okabe, K. Ito, "Color universal design", 2008).
RIGHT = ("#007a5a", "solid", "✓")
WRONG = ("#d55e00", "dashed", "✗")
TEXTS = {
    "en": {"title": "Query and its nearest neighbours", "query": "query"},
    "ru": {"title": "Запрос и его ближайшие соседи", "query": "запрос"},
}
SIDE_IN = 1.15


def draw_neighbours(
    images: Tensor,
    labels: Tensor,
    queries: Tensor,
    neighbours: Tensor,
    names: Sequence[str] | None = None,
    lang: str = "en",
) -> Figure:
    """Draw one row per query: the query, then its neighbours, each marked as of the query's class or of another.

    `names` are those of the classes, by label; without them the labels are shown.

    Shape: images (N, H, W) or (N, C, H, W), uint8 or floating in 0..1; labels (N); queries (Q); neighbours (Q, k).
    """
    num_rows, k = neighbours.shape
    figure = Figure(
        figsize=(SIDE_IN * (k + 1) + 0.3, (SIDE_IN + 0.22) * num_rows + 0.5), layout="constrained"
    )
    figure.suptitle(TEXTS[lang]["title"])
    all_axes = figure.subplots(num_rows, k + 1, squeeze=False)
    for axes, query, row in zip(all_axes, queries.tolist(), neighbours.tolist(), strict=True):
        own = int(labels[query])
        _show(axes[0], images[query])
        axes[0].set_title(_name(names, own), fontsize=9, fontweight="bold")
        for panel, number in zip(axes[1:], row, strict=True):
            label = int(labels[number])
            colour, line, sign = RIGHT if label == own else WRONG
            _show(panel, images[number])
            panel.set_title(f"{sign} {_name(names, label)}", fontsize=9, color=colour)
            for spine in panel.spines.values():
                spine.set(visible=True, edgecolor=colour, linewidth=2.5, linestyle=line)
    all_axes[-1, 0].set_xlabel(TEXTS[lang]["query"], fontsize=9)
    return figure


def _name(names: Sequence[str] | None, label: int) -> str:
    return str(label) if names is None else names[label]


def _show(axes: Axes, image: Tensor) -> None:
    image = image if image.dim() == 3 else image[None]
    limit = 1.0 if image.is_floating_point() else 255
    pixels = image.permute(1, 2, 0).cpu().numpy()
    # Ink is dark, as on paper.
    axes.imshow(pixels.squeeze(-1) if pixels.shape[2] == 1 else pixels, cmap="gray_r", vmin=0, vmax=limit)
    axes.set(xticks=[], yticks=[])
