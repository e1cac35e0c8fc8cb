"""Images per second of our loader beside torchvision's data set in a DataLoader, and beside airbench's idea.

    python -m benchmarks.loading                 60,000 images, batches of 64 and 512, one thread

torchvision: `DataLoader(datasets.MNIST(ToTensor, Normalize), shuffle=True)` decodes, converts and collates image by
image. airbench (K. Jordan, cifar10-airbench, 2024): all images are one normalised float tensor; an epoch augments all
of them, then permutes and indexes; written anew below. Ours holds bytes and normalises and moves batch by batch. All
give the same shuffled float32 batches; one pass over the data is timed, what is done once before it is not.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

from benchmarks import pairs
from hw_cnn.data.feeding import loader

MEAN, STD = 0.1307, 0.3081
OURS, TORCHVISION, AIRBENCH = "ours", "torchvision + DataLoader", "airbench's idea"
AIM = 20.0


class WholeSet:
    """airbench's idea in a few lines: normalised and padded once, shifted as a whole, indexed by a permutation."""

    def __init__(self, images: Tensor, labels: Tensor, batch_size: int, max_shift_px: int = 0) -> None:
        self.images = F.pad(
            (images[:, None].float() / 255 - MEAN) / STD, [max_shift_px] * 4, value=-MEAN / STD
        )
        self.labels, self.batch_size, self.limit = labels, batch_size, max_shift_px

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        images = self._shifted() if self.limit else self.images
        for chosen in torch.randperm(len(images)).split(self.batch_size):
            yield images[chosen], self.labels[chosen]

    def _shifted(self) -> Tensor:
        offsets = 2 * self.limit + 1
        height, width = (size - 2 * self.limit for size in self.images.shape[2:])
        place = torch.randint(offsets**2, (len(self.images),))
        shifted = self.images.new_empty(len(self.images), 1, height, width)
        for number in range(offsets**2):
            top, left = divmod(number, offsets)
            chosen = (place == number).nonzero()[:, 0]
            shifted[chosen] = self.images[chosen, :, top : top + height, left : left + width]
        return shifted


def torchvision_batches(folder: Path, count: int, batch_size: int) -> DataLoader:
    transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((MEAN,), (STD,))])
    data = datasets.MNIST(str(folder), train=True, transform=transform)
    # The workers of a DataLoader are threads by another name: none, so that all contestants have as many.
    return DataLoader(torch.utils.data.Subset(data, range(count)), batch_size, shuffle=True, num_workers=0)


def check_equal_sums(contestants: dict[str, Iterable[tuple[Tensor, Tensor]]]) -> None:
    """Raises: SystemExit unless all contestants give the same images, whatever their order."""
    sums = {
        name: sum(float(images.double().sum()) for images, _ in batches)
        for name, batches in contestants.items()
    }
    first = next(iter(sums.values()))
    if any(abs(value - first) > 1e-5 * abs(first) + 1 for value in sums.values()):
        raise SystemExit(f"the loaders give different images: {sums}")


def compare(images: Tensor, labels: Tensor, folder: Path, batch_size: int, num_rounds: int) -> dict[str, Any]:
    def ours(max_shift_px: int) -> loader.TensorLoader:
        return loader.TensorLoader(
            images, labels, batch_size, mean=MEAN, std=STD, shuffle=True, max_shift_px=max_shift_px
        )

    plain = {
        TORCHVISION: torchvision_batches(folder, len(images), batch_size),
        AIRBENCH: WholeSet(images, labels, batch_size),
        OURS: ours(0),
    }
    check_equal_sums(plain)
    every: dict[str, Iterable[tuple[Tensor, Tensor]]] = {
        **plain,
        f"{AIRBENCH}, shifts": WholeSet(images, labels, batch_size, 2),
        f"{OURS}, shifts": ours(2),
    }

    def run(batches: Iterable[tuple[Tensor, Tensor]]) -> pairs.Seconds:
        return lambda: pairs.cpu_seconds(lambda: [None for _ in batches])

    times = pairs.take_turns({name: run(batches) for name, batches in every.items()}, num_rounds)
    print(f"\nbatch {batch_size}, aim for ours: at least {AIM:.0f} times {TORCHVISION}")
    print(f"{'':<26}  {'images/s':>10}  {'times torchvision':<22}  times airbench's idea")
    rows = {}
    for name, seconds in times.items():
        rate = len(images) / pairs.Spread.of(seconds).median
        rival = f"{AIRBENCH}, shifts" if name.endswith("shifts") else AIRBENCH
        to_torchvision, to_airbench = (pairs.ratios(times[base], seconds) for base in (TORCHVISION, rival))
        print(f"{name:<26}  {rate:>10,.0f}  {f'{to_torchvision:.1f}':<22}  {to_airbench:.2f}")
        rows[name] = {
            "seconds": seconds,
            "times_torchvision": to_torchvision.median,
            "times_airbench": to_airbench.median,
        }
    return rows


def main() -> int:
    parser = pairs.parser("Images per second of loaders of small images.", pairs=5)
    parser.add_argument("--images", type=int, default=60_000, help="images per pass (%(default)s)")
    parser.add_argument("--batches", type=int, nargs="+", default=[64, 512], help="batch sizes (64 512)")
    options = parser.parse_args()
    pairs.begin(options)
    images, labels, what = pairs.training_images(options.data, options.images)
    print(
        f"{options.images} images ({what}) of 28 x 28, per CPU second, shifts of up to 2 px; "
        f"ratios: median [least-greatest] of {options.pairs} pairs"
    )
    with tempfile.TemporaryDirectory() as folder:
        pairs.write_idx(Path(folder), images, labels)
        figures = {
            size: compare(images, labels, Path(folder), size, options.pairs) for size in options.batches
        }
    print(f"\n{pairs.machine(options.threads)}")
    pairs.write_json(options.json, {"machine": pairs.machine(options.threads), "batch": figures})
    return 0


if __name__ == "__main__":
    sys.exit(main())
