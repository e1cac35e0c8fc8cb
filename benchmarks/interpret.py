"""Seconds of an occlusion map in batches, beside one forward pass per window.

    python -m benchmarks.interpret               the seminar's network, 28x28 pixels, windows of 5x5, stride 1

Both run in evaluation mode without gradients, on the same image, and must give the same map. It is measured twice: in a
bare process, and after the training digits were read and normalised, as in any program that looks into a trained
network. Before a program has held a few megabytes, the C library hands the memory of each batch back to the system, and
a third of the time of the batches goes into getting it again.
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks import pairs
from hw_cnn import _memory
from hw_cnn.data import digits
from hw_cnn.data.reading import embedded
from hw_cnn.interpret import occlusion
from hw_cnn.models import seminar

SIDE_PX = 28
LABEL = 3
MEAN, STD = digits.DigitsDataModule.mean, digits.DigitsDataModule.std
AIM = 10.0


def window_by_window(model: nn.Module, image: Tensor, window: int, stride: int) -> Tensor:
    """The map as the paper's sentence says it: cover a window, run the network, and so on."""
    places = range(0, SIDE_PX - window + 1, stride)
    drops = []
    with torch.no_grad():
        score = model(image[None])[0, LABEL]
        for top in places:
            for left in places:
                covered = image.clone()
                covered[:, top : top + window, left : left + window] = 0.0
                drops.append(score - model(covered[None])[0, LABEL])
    return torch.stack(drops).view(len(places), len(places))


def compare(what: str, image: Tensor, options: argparse.Namespace) -> dict[str, Any]:
    torch.manual_seed(0)
    model = seminar.SeminarCNN().eval()

    def batched() -> Tensor:
        return occlusion.occlusion_map(model, image, LABEL, options.window, options.stride)

    def single() -> Tensor:
        return window_by_window(model, image, options.window, options.stride)

    torch.testing.assert_close(batched(), single(), rtol=1e-4, atol=1e-5)
    times = pairs.take_turns(
        {"single": lambda: pairs.cpu_seconds(single), "batched": lambda: pairs.cpu_seconds(batched)},
        options.pairs,
    )
    ratio = pairs.ratios(times["single"], times["batched"])
    print(
        f"\n{what}, {batched().numel()} windows\n"
        f"one forward pass per window  {pairs.Spread.of(times['single']):.4f}\n"
        f"in batches                   {pairs.Spread.of(times['batched']):.4f}\n"
        f"times as fast                {ratio:.1f}"
    )
    return {"seconds": times, "times_as_fast": ratio.median}


def main() -> int:
    parser = pairs.parser("Occlusion maps in batches, and window by window.")
    parser.add_argument("--window", type=int, default=5, help="side of the window in pixels (%(default)s)")
    parser.add_argument("--stride", type=int, default=1, help="pixels between windows (%(default)s)")
    options = parser.parse_args()
    pairs.begin(options)
    print(f"CPU seconds, median [least-greatest] of {options.pairs} pairs; aim: {AIM:.0f} times as fast")
    torch.manual_seed(0)
    figures = {"bare": compare("bare process", torch.randn(1, SIDE_PX, SIDE_PX), options)}
    images, _ = embedded.load_digits("train")
    image = ((images.float() / 255 - MEAN) / STD)[:1].clone()
    figures["with_data"] = compare("with data read", image, options)
    _memory.keep_freed_memory()
    figures["kept"] = compare("with freed memory kept, as `hw-cnn` does", image, options)
    print(f"\n{pairs.machine(options.threads)}")
    pairs.write_json(options.json, {"machine": pairs.machine(options.threads), **figures})
    return 0


if __name__ == "__main__":
    sys.exit(main())
