"""How the time of a training epoch grows with the images, the batch and the threads.

    python -m benchmarks.growth --picture growth.png

Our Classifier with SeminarCNN under a Trainer, seconds on the wall of one epoch: 1,000 to 60,000 images in batches of
256, and 6,000 images in batches of 32 to 2,048, each with one and with two threads, taking turns.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from benchmarks import overhead, pairs
from hw_cnn import classifier
from hw_cnn.data.feeding import loader

COUNTS = (1_000, 10_000, 60_000)
BATCHES = (32, 64, 128, 256, 512, 1024, 2048)
BATCH = 256  # where the number of images grows
COUNT = 6_000  # where the batch grows
# Blue and vermilion of M. Okabe and K. Ito, which colour-blind people tell apart; the markers differ as well.
STYLES = ({"color": "#0072B2", "marker": "o"}, {"color": "#D55E00", "marker": "s"})
Point = tuple[int, int, int]  # images, batch, threads


def epoch_seconds(images: Tensor, labels: Tensor, batch_size: int, threads: int) -> float:
    torch.set_num_threads(threads)
    batches = loader.TensorLoader(images, labels, batch_size, mean=0.1307, std=0.3081, shuffle=True)
    with tempfile.TemporaryDirectory() as folder:
        return overhead.train_lightning(
            classifier.Classifier(overhead.new_network()),
            batches,
            clock=time.perf_counter,
            **overhead.bare(Path(folder)),
        )


def measure(images: Tensor, labels: Tensor, threads: list[int], num_rounds: int) -> dict[Point, pairs.Spread]:
    sizes = [(count, BATCH) for count in COUNTS if count <= len(images)]
    sizes += [(COUNT, batch) for batch in BATCHES]
    points = [(count, batch, number) for count, batch in dict.fromkeys(sizes) for number in threads]

    def run(count: int, batch: int, number: int) -> pairs.Seconds:
        return lambda: epoch_seconds(images[:count], labels[:count], batch, number)

    runs = {str(point): run(*point) for point in points}
    times = pairs.take_turns(runs, num_rounds)
    return {point: pairs.Spread.of(times[str(point)]) for point in points}


def print_table(found: dict[Point, pairs.Spread], threads: list[int]) -> None:
    heads = "".join(f"  {f'{number} thread(s), s':<20}  {'images/s':>9}" for number in threads)
    print(f"{'images':>7}  {'batch':>5}{heads}")
    for count, batch in dict.fromkeys(point[:2] for point in found):
        cells = ""
        for number in threads:
            spread = found[count, batch, number]
            cells += f"  {f'{spread:.3f}':<20}  {count / spread.median:>9,.0f}"
        print(f"{count:>7,}  {batch:>5}{cells}")


def draw(found: dict[Point, pairs.Spread], threads: list[int], file: Path) -> None:
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    counts = sorted({count for count, batch, _ in found if batch == BATCH and count in COUNTS})
    batches = sorted({batch for count, batch, _ in found if count == COUNT})
    for number, style in zip(threads, STYLES, strict=False):
        label = f"{number} thread" + "s" * (number > 1)
        grown = [found[count, BATCH, number] for count in counts]
        left.errorbar(
            counts, [spread.median for spread in grown], _errors(grown), label=label, **_look(style)
        )
        grown = [found[COUNT, batch, number] for batch in batches]
        rates = [pairs.Spread(COUNT / s.median, COUNT / s.greatest, COUNT / s.least) for s in grown]
        right.errorbar(batches, [rate.median for rate in rates], _errors(rates), label=label, **_look(style))
    last = found[counts[-1], BATCH, threads[0]].median
    left.plot(
        counts,
        [last * count / counts[-1] for count in counts],
        ":",
        color="0.5",
        label="proportional to the images",
    )
    left.set(xscale="log", yscale="log", xlabel="images in an epoch", ylabel="seconds per epoch")
    left.set(title=f"Batches of {BATCH}", xticks=counts, xticklabels=[f"{count:,}" for count in counts])
    left.yaxis.set_major_formatter("{x:g}")
    right.yaxis.set_major_formatter("{x:,.0f}")
    right.set(xscale="log", ylim=(0, None), xlabel="batch size", ylabel="images per second")
    right.set(title=f"{COUNT:,} images", xticks=batches, xticklabels=[f"{batch:,}" for batch in batches])
    for axes in (left, right):
        axes.minorticks_off()
        axes.legend(frameon=False)
        axes.grid(color="0.9")
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(file, dpi=150)


def _look(style: dict[str, str]) -> dict[str, Any]:
    return {**style, "markersize": 5, "capsize": 3}


def _errors(spreads: list[pairs.Spread]) -> list[list[float]]:
    """Lengths of the bars below and above the median."""
    return [[s.median - s.least for s in spreads], [s.greatest - s.median for s in spreads]]


def main() -> int:
    parser = pairs.parser("Time of an epoch against images, batch and threads.", pairs=5)
    parser.set_defaults(threads=None)
    parser.add_argument(
        "--max-images", type=int, default=60_000, help="leave out larger epochs (%(default)s)"
    )
    parser.add_argument(
        "--picture", type=Path, metavar="FILE", help="draw the figures there (needs matplotlib)"
    )
    options = parser.parse_args()
    threads = [1, 2] if options.threads is None else [options.threads]
    pairs.begin(options)
    cores = len(os.sched_getaffinity(0))
    if cores < max(threads):
        print(
            f"{max(threads)} threads share {cores} core(s): the figures say nothing about threads",
            file=sys.stderr,
        )
    images, labels, what = pairs.training_images(options.data, max(options.max_images, COUNT))
    print(f"SeminarCNN, seconds of an epoch ({what}), median [least-greatest] of {options.pairs} rounds\n")
    found = measure(images, labels, threads, options.pairs)
    print_table(found, threads)
    print(f"\n{pairs.machine(max(threads))}")
    rows = [
        {"images": c, "batch": b, "threads": t, "seconds": s.median, "least": s.least, "greatest": s.greatest}
        for (c, b, t), s in found.items()
    ]
    pairs.write_json(options.json, {"machine": pairs.machine(max(threads)), "epochs": rows})
    if options.picture:
        draw(found, threads, options.picture)
    return 0


if __name__ == "__main__":
    sys.exit(main())
