"""Images per second of `embed` beside the bare forward pass of the same network over the same batches.

    python -m benchmarks.embedding                  the seminar's network and EfficientNet-Lite0, one thread
    python -m benchmarks.embedding --device cuda

The bare pass is `for images, _ in batches: model(images)` in evaluation and inference mode. Two more contestants
show what helps on this machine: inference mode (beside a pass that builds a graph for gradients), and images laid out
pixel by pixel (`channels_last`), which is a matter of the batches and not of `embed`. Batches are made beforehand.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks import pairs
from hw_cnn import models
from hw_cnn.transfer import efficientnet, embedding

AIM = 0.95
EMBED, BARE, GRADIENTS = "embed", "bare pass", "bare pass with gradients"
Batches = list[tuple[Tensor, Tensor]]


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


def bare(model: nn.Module, batches: Batches, *, is_inference: bool = True) -> None:
    with torch.inference_mode(is_inference):
        for images, _ in batches:
            model(images)


def seconds(work: Any, device: str) -> pairs.Seconds:
    """CPU time, or on another device the time on the wall until it is done."""
    if device == "cpu":
        return lambda: pairs.cpu_seconds(work)

    def run() -> float:
        torch.cuda.synchronize()
        start = time.perf_counter()
        work()
        torch.cuda.synchronize()
        return time.perf_counter() - start

    return run


def compare(
    name: str, model: nn.Module, batches: Batches, layers: dict[str, str | None], num_rounds: int, device: str
) -> dict[str, Any]:
    model = model.eval().to(device)
    laid_out = by_pixel(batches)
    contestants = {
        BARE: lambda: bare(model, batches),
        GRADIENTS: lambda: bare(model, batches, is_inference=False),
        f"{BARE}, channels_last": lambda: bare(model, laid_out),
        f"{EMBED}, channels_last": lambda: embedding.embed(model, laid_out),
    }
    for word, layer in layers.items():
        contestants[f"{EMBED}, {word}"] = lambda layer=layer: embedding.embed(model, batches, layer)
    times = pairs.take_turns({key: seconds(work, device) for key, work in contestants.items()}, num_rounds)
    num_images = sum(len(labels) for _, labels in batches)
    print(f"\n{name}, batch {len(batches[0][1])}; aim for embed: at least {AIM} of the bare pass beside it")
    print(f"{'':<28}  {'images/s':>9}  throughput / bare pass")
    rows = {}
    for key, values in times.items():
        base = f"{BARE}, channels_last" if key == f"{EMBED}, channels_last" else BARE
        ratio = pairs.ratios(times[base], values)
        print(f"{key:<28}  {num_images / pairs.Spread.of(values).median:>9,.0f}  {ratio:.3f}")
        rows[key] = {"seconds": values, "of_bare": ratio.median}
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
        name = f"seminar, batch {size}"
        figures[name] = compare(name, models.build("seminar"), batches, layers, options.pairs, options.device)
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
