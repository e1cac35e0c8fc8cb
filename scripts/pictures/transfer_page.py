"""Write the tables and pictures of docs/transfer.md, from the lines that benchmarks.transfer has measured.

    python -m scripts.pictures.transfer_page

Nothing outside the marks of the page changes.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks import transfer
from hw_cnn.transfer import retrieval
from hw_cnn.transfer.experiment import figures

PAGE = Path(__file__).parents[2] / "docs" / "transfer.md"
BEGIN, END = "<!-- written by scripts.pictures.transfer_page -->", "<!-- end -->"
NAMES = {
    "raw pixels": "raw pixels, linear probe",
    "nearest pixels": "raw pixels, nearest neighbour",
    "from scratch": "seminar's network from scratch",
    "penultimate": "features before the last layer, linear probe",
    "features": "features, linear probe",
    "nearest features": "features, nearest neighbour",
    "fine-tuned": "convolutions kept, then fine-tuned",
}
# Colours of M. Okabe and K. Ito, which colour-blind people tell apart; markers and lines differ as well.
STYLES = {
    "raw pixels": {"color": "#666666", "marker": "s", "linestyle": ":"},
    "from scratch": {"color": "#D55E00", "marker": "^", "linestyle": "--"},
    "features": {"color": "#0072B2", "marker": "o", "linestyle": "-"},
    "nearest features": {"color": "#56B4E9", "marker": "v", "linestyle": "-."},
    "fine-tuned": {"color": "#009E73", "marker": "D", "linestyle": "-"},
}
SEMINAR = {
    "pixels": "pixels",
    "features.2": "conv 1\npooled",
    "features.5": "conv 2\npooled",
    "head.1": "dense 1",
    "head.3": "dense 2",
    "head.4": "logits",
}
Line = dict[str, Any]
# Accuracies in percent over the seeds, by way and number of labels.
Values = dict[tuple[str, int], list[float]]


def write(lines: Sequence[Line], page: Path, pictures: Path) -> None:
    """Write what stands between the marks of `page`, and the pictures beside it. Nothing else changes."""
    text = page.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise SystemExit(f"{page} has no place for the results: a line {BEGIN} and below it a line {END}")
    sections = [_digits(lines, pictures), _cifar10(lines, pictures), _layers(lines, pictures)]
    body = "\n\n".join(section for section in sections if section)
    page.write_text(f"{before}{BEGIN}\n\n{body}\n\n{END}{after}", encoding="utf-8")


def _values(lines: Iterable[Line], experiment: str) -> Values:
    found: Values = {}
    for line in sorted(lines, key=lambda one: one["seed"]):
        if line["experiment"] == experiment:
            found.setdefault((line["way"], line["num_labels"]), []).append(100 * line["accuracy"])
    return found


def _table(values: Values) -> str:
    """One row per way, one column per number of labels: mean ± standard deviation."""
    counts = sorted({count for _, count in values})
    head = ["", *(f"{count:,} labels" for count in counts)]
    rows = [head, ["---"] * len(head)]
    for way, name in NAMES.items():
        if (way, counts[0]) in values:
            rows.append([name, *(_cell(values.get((way, count), [])) for count in counts)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cell(values: list[float]) -> str:
    if len(values) < 2:
        return "".join(f"{value:.1f}" for value in values)
    return f"{statistics.fmean(values):.1f} ± {statistics.stdev(values):.1f}"


def _num_seeds(values: Values) -> int:
    return min(map(len, values.values()))


def _digits(lines: Sequence[Line], pictures: Path) -> str:
    values = _values(lines, "digits")
    if not values:
        return ""
    title = "Digits 5-9 with the network of digits 0-4"
    _draw_counts(values, title, pictures / "transfer-digits.png")
    return f"""### {title}

Accuracy in percent on the 486 test digits 5-9, mean ± standard deviation over {_num_seeds(values)} seeds; 5, 10, 50
and 500 labels in total, that is 1, 2, 10 and 100 of each class. "features" are the pooled maps of the second
convolution.

{_table(values)}

![Accuracy on digits 5-9 by the number of labels](pictures/transfer-digits.png)"""


def _cifar10(lines: Sequence[Line], pictures: Path) -> str:
    values = _values(lines, "cifar10")
    if not values:
        return ""
    title = "CIFAR-10 with EfficientNet-Lite0"
    _draw_counts(values, title, pictures / "transfer-cifar10.png")
    return f"""### {title}

Accuracy in percent on 2,000 images, mean ± standard deviation over {_num_seeds(values)} seeds, each with labels of its
own. Features are what enters the last layer, 1,280 numbers, of images enlarged from 32 to 224 pixels.

{_table(values)}

![Accuracy on CIFAR-10 by the number of labels](pictures/transfer-cifar10.png)"""


def _layers(lines: Sequence[Line], pictures: Path) -> str:
    digits, cifar10 = _values(lines, "layers-digits"), _values(lines, "layers-cifar10")
    parts = []
    if digits:
        _draw_digit_layers(digits, pictures / "transfer-layers-digits.png")
        counts = {count for _, count in digits}
        rows = [f"| digits | {' | '.join(SEMINAR[name].replace(chr(10), ', ') for name in SEMINAR)} |"]
        rows.append("|" + "---|" * (len(SEMINAR) + 1))
        for task in ("5-9", "0-4"):
            cells = [_cell(digits[f"{task} {name}", count]) for name in SEMINAR for count in counts]
            rows.append(f"| {task} | {' | '.join(cells)} |")
        parts.append("\n".join(rows))
        parts.append("![Accuracy by layer of the seminar's network](pictures/transfer-layers-digits.png)")
    if cifar10:
        _draw_cifar10_layers(cifar10, pictures / "transfer-layers-cifar10.png")
        best, values = max(cifar10.items(), key=lambda item: statistics.fmean(item[1]))
        parts.append(
            f"EfficientNet-Lite0 on CIFAR-10 with {best[1]:,} labels, each layer as the means of its maps: best is "
            f"`{best[0]}` with {_cell(values)} %."
        )
        parts.append("![Accuracy by layer of EfficientNet-Lite0](pictures/transfer-layers-cifar10.png)")
    return "\n\n".join(["### Which layer transfers best", *parts]) if parts else ""


def _new(width_in: float, title: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width_in, 4.2), layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(title)
    axes.set_ylabel("accuracy, %")
    axes.grid(axis="y", color="#dddddd")
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _curve(
    axes: Axes, places: Sequence[float], values: Sequence[list[float]], label: str, **style: Any
) -> None:
    means = [statistics.fmean(one) for one in values]
    deviations = [statistics.stdev(one) if len(one) > 1 else 0.0 for one in values]
    axes.errorbar(places, means, deviations, label=label, capsize=3, markersize=5, linewidth=1.6, **style)


def _draw_counts(values: Values, title: str, file: Path) -> None:
    figure, axes = _new(6.6, title)
    counts = sorted({count for _, count in values})
    ways = [way for way in STYLES if (way, counts[0]) in values]
    for number, way in enumerate(ways):
        # Side by side, so that the bars of equal numbers do not hide each other.
        places = [count * 1.04 ** (number - len(ways) / 2) for count in counts]
        _curve(axes, places, [values[way, count] for count in counts], NAMES[way], **STYLES[way])
    axes.set_xscale("log")
    axes.set_xticks(counts, [f"{count:,}" for count in counts])
    axes.minorticks_off()
    axes.set_xlabel("labelled images in total; bars: standard deviation over seeds")
    figure.legend(loc="outside lower center", ncols=2, frameon=False)
    _save(figure, file)


def _draw_digit_layers(values: Values, file: Path) -> None:
    (count,) = {count for _, count in values}
    figure, axes = _new(6.6, f"Linear probe of each layer, {count} labels; the network knows 0-4")
    for task, name, way in (
        ("0-4", "digits 0-4, its own", "from scratch"),
        ("5-9", "digits 5-9, new", "features"),
    ):
        _curve(
            axes,
            range(len(SEMINAR)),
            [values[f"{task} {layer}", count] for layer in SEMINAR],
            name,
            **STYLES[way],
        )
    axes.set_xticks(range(len(SEMINAR)), list(SEMINAR.values()))
    axes.legend(loc="lower left", frameon=False)
    _save(figure, file)


def _draw_cifar10_layers(values: Values, file: Path) -> None:
    (count,) = {count for _, count in values}
    names = [way for way, _ in values]
    figure, axes = _new(8.4, f"EfficientNet-Lite0 on CIFAR-10: linear probe of each layer, {count} labels")
    shown = {"_bn0": "stem", "_avg_pooling": "last\nmaps", "_fc": "1,000\nlogits"}
    labels = [shown.get(name, name.removeprefix("_blocks.")) for name in names]
    _curve(axes, range(len(names)), [values[name, count] for name in names], "", **STYLES["features"])
    axes.set_xticks(range(len(names)), labels, fontsize=8)
    axes.set_xlabel("layer; numbers are blocks; bars: standard deviation over seeds")
    _save(figure, file)


def _save(figure: Figure, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    # Without the date: the same figures give the same file.
    figure.savefig(file, dpi=120, metadata={"Software": None})


def draw_neighbours(file: Path) -> None:
    """Digits 5-9 among their like, by the pooled maps of a network that knows 0-4; drawn once."""
    if file.exists():
        return
    source = transfer.Digits(seed=0)
    labels = source.test.labels
    queries = torch.tensor([int((labels == label).nonzero()[0]) for label in labels.unique()])
    found = retrieval.nearest(source.features(source.test, "features.5"), queries, 6)
    names = [str(label) for label in range(5, 10)]
    figure = figures.draw_neighbours(source.test.images, labels, queries, found, names)
    figure.savefig(file, dpi=100, metadata={"Software": None})


def main() -> int:
    parser = argparse.ArgumentParser(description="Write the tables and pictures of docs/transfer.md.")
    parser.add_argument("--results", type=Path, default=transfer.RESULTS)
    parser.add_argument("--page", type=Path, default=PAGE)
    parser.add_argument("--pictures", type=Path, default=PAGE.parent / "pictures")
    options = parser.parse_args()
    write(transfer.read(options.results), options.page, options.pictures)
    draw_neighbours(options.pictures / "transfer-neighbours.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
