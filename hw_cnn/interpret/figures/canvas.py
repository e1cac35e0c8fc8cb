"""What all pictures share: paper, colour maps, numbers in the reader's language, and the same bytes each time.

Figures are made without pyplot, so they need no display and leave no global state behind. The colour maps are
readable with any colour vision: cividis (J. Nuñez, C. Anderton, R. Renslow, "Optimizing colormaps with consideration
for color vision deficiency", 2018) for what has a least value, RdBu for what has a sign, with zero in white.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, ParamSpec

import matplotlib
import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colorbar import Colorbar
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import FuncFormatter, MaxNLocator
from torch import Tensor

from hw_cnn.interpret.figures import words

if TYPE_CHECKING:
    from matplotlib.typing import RcKeyType

UNSIGNED = "cividis"
SIGNED = "RdBu_r"
# After M. Petroff, "Accessible color sequences for data visualization" (2021), the light ones darkened for white paper.
CLASS_COLOURS = (
    "#2f7fc8", "#c98a00", "#bd1f01", "#76868a", "#832db6", "#8f5a4a", "#e76300", "#8a7d3c", "#454a5e", "#1fa3a8",
)  # fmt: skip
# Visible on black, white and every colour of both maps.
FRAME = "#ffa90e"
INK, SOFT = "#1d2430", "#5b6675"
DPI = 150
STYLE: dict[RcKeyType, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.labelsize": 10,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "legend.fontsize": 9.5,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": SOFT,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "savefig.facecolor": "auto",
    "image.interpolation": "nearest",
    "image.origin": "upper",
    # Names of classes and layers may hold dollar signs.
    "text.parse_math": False,
}

Arguments = ParamSpec("Arguments")


def style() -> dict[RcKeyType, Any]:
    """Give matplotlib's own defaults with ours over them; the backend is the notebook's business."""
    defaults = {key: value for key, value in matplotlib.rcParamsDefault.items() if "backend" not in key}
    return {**defaults, **STYLE}


def styled(draw: Callable[Arguments, Figure]) -> Callable[Arguments, Figure]:
    """Let `draw` work in the pictures' style, whatever the settings of the notebook around it are."""

    @functools.wraps(draw)
    def in_style(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Figure:
        with matplotlib.rc_context(style()):
            return draw(*args, **kwargs)

    return in_style


def new(width_in: float, height_in: float, title: str = "") -> Figure:
    """Give an empty figure that places its parts itself."""
    layout = ConstrainedLayoutEngine(w_pad=0.05, h_pad=0.07, wspace=0.03, hspace=0.03)
    figure = Figure(figsize=(width_in, height_in), dpi=DPI, layout=layout)
    if title:
        figure.suptitle(title, fontsize=12, fontweight="bold")
    return figure


def save(figure: Figure, path: Path | IO[bytes], origin: str = "hw_cnn") -> None:
    """Write a PNG whose bytes depend on the picture alone; `origin` is what it says about its maker."""
    with matplotlib.rc_context(style()), warnings.catch_warnings():
        # A name in a script that the font lacks is drawn as boxes; the page has it in words.
        warnings.filterwarnings("ignore", message=r"Glyph \d+ .* missing from font")
        figure.savefig(path, format="png", dpi=DPI, metadata={"Software": origin})


def pixels(image: Tensor) -> np.ndarray[Any, Any]:
    """Give what matplotlib shows of an image with values in 0..1: (H, W) for one channel, (H, W, 3) for three.

    Raises: ValueError for another shape.
    """
    if image.dim() != 3 or image.shape[0] not in (1, 3):
        raise ValueError(f"an image has shape {tuple(image.shape)}; expected (1, H, W) or (3, H, W)")
    shown = image.detach().float().clamp(0, 1).cpu()
    return (shown[0] if len(shown) == 1 else shown.permute(1, 2, 0)).numpy()


def show(axes: Axes, image: Tensor, title: str = "", **options: Any) -> None:
    """Draw an image (C, H, W) with values in 0..1: one channel in grey, three in colour."""
    axes.imshow(pixels(image), cmap="gray", vmin=0, vmax=1, **options)
    frame(axes, title)


def frame(axes: Axes, title: str = "") -> None:
    """Take the ticks away and leave a thin frame, so that a white picture has an edge."""
    axes.set_axis_on()
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set(visible=True, color="#b8c0cb", linewidth=0.6)
    if title:
        axes.set_title(title)


def show_map(axes: Axes, values: Tensor, limit: float, *, is_signed: bool, **options: Any) -> ScalarMappable:
    """Draw (H, W) numbers: from -limit (blue) over 0 (white) to limit (red), or from 0 (dark) to limit (bright)."""
    limit = limit or 1.0
    return axes.imshow(
        values.detach().float().cpu().numpy(),
        cmap=SIGNED if is_signed else UNSIGNED,
        vmin=-limit if is_signed else 0,
        vmax=limit,
        **options,
    )


def largest(values: Tensor, share: float = 1.0) -> float:
    """Give the largest absolute value, or with `share` below 1 that quantile of the absolute values; 0 for none."""
    flat = values.detach().abs().flatten().float()
    flat = flat[flat.isfinite()]
    if not len(flat):
        return 0.0
    # kthvalue, because torch.quantile refuses more than 16 million numbers.
    return float(flat.kthvalue(max(1, round(share * len(flat)))).values) or float(flat.max())


def colour_bar(
    figure: Figure,
    mappable: ScalarMappable,
    axes: Axes | Sequence[Axes],
    label: str,
    lang: str,
    **options: Any,
) -> Colorbar:
    """Add a colour bar with its unit, in the numbers of the language."""
    bar = figure.colorbar(mappable, ax=axes, **{"fraction": 0.05, "pad": 0.02, "aspect": 25, **options})
    bar.set_label(label)
    bar.outline.set_visible(False)
    bar.locator = MaxNLocator(nbins=4)
    bar.formatter = number_formatter(lang)
    return bar


def number_formatter(lang: str) -> FuncFormatter:
    """Give a formatter of tick labels that writes numbers as the language does."""
    return FuncFormatter(lambda value, position: words.number(value, lang))


def grid(count: int, columns: int) -> tuple[int, int]:
    """Give (rows, columns) for `count` panels, at most `columns` side by side and the last row as full as can be."""
    rows = max(1, -(-count // columns))
    return rows, max(1, -(-count // rows))


def panels(figure: Figure, count: int, columns: int) -> list[Axes]:
    """Give `count` axes in reading order, at most `columns` side by side."""
    rows, columns = grid(count, columns)
    axes = figure.subplots(rows, columns, squeeze=False).flatten().tolist()
    for unused in axes[count:]:
        unused.set_axis_off()
    return axes[:count]


def to_luminance(image: Tensor) -> Tensor:
    """Give the brightness of (3, H, W) after ITU-R BT.601 as (H, W), and one channel as it is."""
    if len(image) == 1:
        return image[0]
    weights = torch.tensor([0.299, 0.587, 0.114], device=image.device)
    luminance: Tensor = torch.tensordot(weights, image.float(), dims=1)
    return luminance
