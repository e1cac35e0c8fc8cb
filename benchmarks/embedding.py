"""Images per second of `embed` beside the bare forward pass of the same network over the same batches.

    python -m benchmarks.embedding                  the seminar's network and EfficientNet-Lite0, one thread
    python -m benchmarks.embedding --device cuda

The bare pass is `for images, _ in batches: model(images)` in evaluation and inference mode; it takes each batch just
before its contestant does, because a shared machine is now fast, now slow, for seconds. Two more contestants show what
helps on this machine: inference mode (beside a pass that builds a graph for gradients), and images laid out pixel by
pixel (`channels_last`), which is a matter of the batches and not of `embed`. Batches are made beforehand.
"""

from __future__ import annotations

import copy
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks import pairs
from hw_cnn import models
from hw_cnn.transfer import efficientnet, embedding

AIM = 0.95
Batches = list[tuple[Tensor, Tensor]]
Both = Callable[[], tuple[float, float]]


def make_batches(input_shape: tuple[int, ...], batch_size: int, count: int, device: str) -> Batches:
    generator = torch.Generator().manual_seed(0)
    return [
        (
            torch.randn(batch_size, *input_shape, generator=generator).to(device),
            torch.zeros(batch_size, dtype=torch.int64),
        )
        for _ in range(count)
    ]


def by_pixel(batches: Batches) -> Batches:
    return [(images.contiguous(memory_format=torch.channels_last), labels) for images, labels in batches]


def clock(device: str) -> Callable[[], float]:
    """CPU time, or on another device the time on the wall when all its work is done."""
    if device == "cpu":
        return time.process_time

    def read() -> float:
        torch.cuda.synchronize()
        return time.perf_counter()

    return read


class Interlocked:
    """The batches for a contestant; each first goes through the bare pass, whose seconds are added up.

    `model` must be a copy of the contestant's: `embed` hangs a hook on its own while it works.
    """

    def __init__(self, model: nn.Module, batches: Batches, read_s: Callable[[], float]) -> None:
        self.model = model
        self.batches = batches
        self.read_s = read_s
        self.bare_s = 0.0

    def __len__(self) -> int:
        return len(self.batches)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        for images, labels in self.batches:
            start = self.read_s()
            with torch.inference_mode():
                self.model(images)
            self.bare_s += self.read_s() - start
            yield images, labels


def compare(
    name: str, model: nn.Module, batches: Batches, layers: dict[str, str | None], num_rounds: int, device: str
) -> dict[str, Any]:
    model = model.eval().to(device)
    read_s = clock(device)
    copied = copy.deepcopy(model)

    def timed(work: Callable[[Iterable[tuple[Tensor, Tensor]]], object], images: Batches = batches) -> Both:
        def run() -> tuple[float, float]:
            both = Interlocked(copied, images, read_s)
            start = read_s()
            work(both)
            return read_s() - start - both.bare_s, both.bare_s

        return run

    def again(pairs_: Iterable[tuple[Tensor, Tensor]], *, is_inference: bool = True) -> None:
        for images, _ in pairs_:
            with torch.inference_mode(is_inference):
                model(images)

    def again_by_pixel(pairs_: Iterable[tuple[Tensor, Tensor]]) -> None:
        for (images, _), _ in zip(laid_out, pairs_, strict=True):
            with torch.inference_mode():
                model(images)

    laid_out = by_pixel(batches)
    contestants = {
        "a second bare pass": timed(again),
        "bare pass with gradients": timed(lambda both: again(both, is_inference=False)),
        "bare pass, channels_last": timed(again_by_pixel),
    }
    for word, layer in layers.items():
        contestants[f"embed, {word}"] = timed(lambda both, layer=layer: embedding.embed(model, both, layer))
    contestants["embed, channels_last (beside the same)"] = timed(
        lambda both: embedding.embed(model, both), laid_out
    )
    times = pairs.take_turns(contestants, num_rounds)
    num_images = sum(len(labels) for _, labels in batches)
    print(f"\n{name}, batch {len(batches[0][1])}; aim for embed: at least {AIM} of the bare pass beside it")
    print(f"{'':<38}  {'images/s':>9}  {'bare pass':>9}  throughput / bare pass")
    rows = {}
    for key, both in times.items():
        own, bare = ([seconds[side] for seconds in both] for side in (0, 1))
        own_rate, bare_rate = (num_images / pairs.Spread.of(side).median for side in (own, bare))
        ratio = pairs.ratios(bare, own)
        print(f"{key:<38}  {own_rate:>9,.0f}  {bare_rate:>9,.0f}  {ratio:.3f}")
        rows[key] = {"seconds": own, "bare_seconds": bare, "of_bare": ratio.median}
    return rows


def main() -> int:
    parser = pairs.parser("Throughput of embed beside the bare forward pass.", pairs=7)
    parser.add_argument("--device", default="cpu", help="(%(default)s)")
    parser.add_argument("--images", type=int, default=6000, help="of the seminar's network (%(default)s)")
    parser.add_argument("--large", type=int, default=32, help="of EfficientNet-Lite0 (%(default)s)")
    options = parser.parse_args()
    pairs.begin(options)
    figures: dict[str, Any] = {}
    for size in (64, 512):
        batches = make_batches((1, 28, 28), size, max(1, options.images // size), options.device)
        layers = {"penultimate": None, "first convolution": "features.0"}
        figures[f"seminar, {size}"] = compare(
            "seminar", models.build("seminar"), batches, layers, options.pairs, options.device
        )
    if efficientnet.is_installed():
        size = min(16, options.large)
        batches = make_batches(efficientnet.INPUT_SHAPE, size, max(1, options.large // size), options.device)
        layers = {"penultimate": None, "block 5": "_blocks.5"}
        figures[efficientnet.NAME] = compare(
            efficientnet.NAME, efficientnet.load(), batches, layers, options.pairs, options.device
        )
    print(f"\nmedian [least-greatest] of {options.pairs} rounds; {pairs.machine(options.threads)}")
    pairs.write_json(options.json, {"machine": pairs.machine(options.threads), "networks": figures})
    return 0


if __name__ == "__main__":
    sys.exit(main())
