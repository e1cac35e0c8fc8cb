"""Contestants timed side by side: they take turns, and a ratio is the median over the rounds."""

from __future__ import annotations

import argparse
import gzip
import json
import logging
import os
import platform
import statistics
import struct
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor

from benchmarks import recipe

T = TypeVar("T")
Seconds = Callable[[], float]


@dataclass(frozen=True)
class Spread:
    """Median, least and greatest of a few measurements."""

    median: float
    least: float
    greatest: float

    @classmethod
    def of(cls, values: list[float]) -> Spread:
        return cls(statistics.median(values), min(values), max(values))

    def __format__(self, spec: str) -> str:
        return f"{self.median:{spec}} [{self.least:{spec}}-{self.greatest:{spec}}]"


def take_turns(contestants: Mapping[str, Callable[[], T]], num_rounds: int) -> dict[str, list[T]]:
    """Run each contestant once without counting, then all of them `num_rounds` times, every second round backwards.

    A contestant runs and gives what counts, mostly seconds.
    """
    for run in contestants.values():
        run()
    times: dict[str, list[T]] = {name: [] for name in contestants}
    for number in range(num_rounds):
        names = list(contestants)
        for name in names if number % 2 == 0 else reversed(names):
            times[name].append(contestants[name]())
    return times


def ratios(times: list[float], base: list[float]) -> Spread:
    """How many times as long as `base`, round by round."""
    return Spread.of([time_ / other for time_, other in zip(times, base, strict=True)])


def cpu_seconds(work: Callable[[], object]) -> float:
    """Seconds of all threads of this process: less sensitive to other processes than the clock on the wall."""
    start = time.process_time()
    work()
    return time.process_time() - start


def parser(description: str, *, pairs: int = 7) -> argparse.ArgumentParser:
    """The options that all comparisons have."""
    options = argparse.ArgumentParser(description=description)
    options.add_argument(
        "--pairs", type=int, default=pairs, help="rounds; each gives one ratio (%(default)s)"
    )
    options.add_argument("--threads", type=int, default=1, help="threads of torch (%(default)s)")
    options.add_argument(
        "--data",
        type=Path,
        default=os.environ.get("HW_CNN_DATA"),
        help="folder with MNIST/raw as torchvision has it ($HW_CNN_DATA); random images without it",
    )
    options.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    return options


def begin(options: argparse.Namespace) -> None:
    """Fix the threads and silence Lightning."""
    torch.set_num_threads(options.threads or 1)
    warnings.filterwarnings("ignore")
    for name in list(logging.root.manager.loggerDict):
        if name.startswith("lightning"):
            logging.getLogger(name).setLevel(logging.ERROR)


def machine(threads: int) -> str:
    import lightning

    return (
        f"{recipe.processor()}, {len(os.sched_getaffinity(0))} core(s), {threads} thread(s), "
        f"Python {platform.python_version()}, torch {torch.__version__}, lightning {lightning.__version__}"
    )


def write_json(file: Path | None, figures: Mapping[str, object]) -> None:
    if file:
        file.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def training_images(data: Path | None, count: int) -> tuple[Tensor, Tensor, str]:
    """Give (count, 28, 28) uint8 images, their labels (count) int64, and a word on what they are."""
    if data is None:
        generator = torch.Generator().manual_seed(0)
        images = torch.randint(0, 256, (count, 28, 28), generator=generator, dtype=torch.uint8)
        return images, torch.randint(0, 10, (count,), generator=generator), "random images of MNIST's size"
    images, labels = (_read_idx(data, f"train-{kind}-ubyte") for kind in ("images-idx3", "labels-idx1"))
    if count > len(images):
        raise SystemExit(f"{data} holds {len(images)} training images, {count} are asked for")
    return images[:count], labels[:count].long(), "MNIST"


def _read_idx(data: Path, name: str) -> Tensor:
    raw = data / "MNIST" / "raw"
    plain, packed = raw / name, raw / f"{name}.gz"
    content = plain.read_bytes() if plain.is_file() else gzip.decompress(packed.read_bytes())
    num_axes = content[3]
    shape = struct.unpack(f">{num_axes}I", content[4 : 4 + 4 * num_axes])
    return torch.frombuffer(bytearray(content[4 + 4 * num_axes :]), dtype=torch.uint8).view(shape)


def write_idx(folder: Path, images: Tensor, labels: Tensor) -> None:
    """Write the images under `folder` where `torchvision.datasets.MNIST` looks for training and test images."""
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name, values in (("images-idx3", images), ("labels-idx1", labels.to(torch.uint8))):
        head = bytes([0, 0, 8, values.dim()]) + struct.pack(f">{values.dim()}I", *values.shape)
        for part in ("train", "t10k"):
            (raw / f"{part}-{name}-ubyte").write_bytes(head + values.numpy().tobytes())
