"""CPU time of one training epoch: our LightningModule beside a plain PyTorch loop, and what it is made of.

    python -m benchmarks.overhead                SeminarCNN, 6,000 images, batches of 64 and 256, one thread

All contestants train the same network from the same weights on the same batches with the same optimiser. Beside them
stands Lightning's own floor: `Trainer(barebones=True)` with a module that has two methods. `--parts` adds what a
training by `hw-cnn fit` has besides our module: a logger, a checkpoint, a progress bar.

The plain loop takes its steps between Lightning's: the loader that Lightning asks for a batch first lets the plain loop
train on that batch. A shared machine is now fast, now slow, for seconds; so both meet the same. Counted is the time
between Lightning's `on_train_epoch_start` and `on_train_epoch_end`, without the plain loop's steps. Drawing the
batch is counted on both sides.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import rich
import torch
import torch.nn.functional as F
from lightning import LightningModule, Trainer
from lightning.pytorch.callbacks import ModelCheckpoint, RichProgressBar, TQDMProgressBar
from lightning.pytorch.loggers import CSVLogger
from torch import Tensor, nn

from benchmarks import pairs
from hw_cnn import classifier
from hw_cnn.data.feeding import epochs, loader
from hw_cnn.models import seminar

Clock = Callable[[], float]
Both = Callable[[], tuple[float, float]]

NVML = "PYTORCH_NVML_BASED_CUDA_CHECK"
FLOOR, OURS = "Lightning's floor (barebones)", "Classifier"
AS_LIBRARY = "  outside `hw-cnn`"
AIM = 1.25


class Minimal(LightningModule):
    """The least that Lightning trains."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def training_step(self, batch: epochs.Batch, batch_idx: int) -> Tensor:
        return F.cross_entropy(self.model(batch[0]), batch[1])

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.Adam(self.parameters(), lr=1e-3)


class Interlocked:
    """Batches of `batches`; before it hands one out, a plain loop makes its step with it."""

    def __init__(self, batches: loader.TensorLoader, clock: Clock) -> None:
        self.batches = batches
        self.clock = clock
        self.draw_s = self.plain_s = 0.0
        self.model = new_network()
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-3)

    def __len__(self) -> int:
        return len(self.batches)

    def __iter__(self) -> Iterator[epochs.Batch]:
        iterator = iter(self.batches)
        while True:
            start = self.clock()
            batch = next(iterator, None)
            drawn = self.clock()
            self.draw_s += drawn - start
            if batch is None:
                return
            # A loop without Lightning has torch ask for a GPU in the cheap way (`hw-cnn fit` does too).
            asks_nvml, os.environ[NVML] = os.environ[NVML], "0"
            self.step(*batch)
            os.environ[NVML] = asks_nvml
            self.plain_s += self.clock() - drawn
            yield batch

    def step(self, images: Tensor, labels: Tensor) -> None:
        """Do what a textbook's loop does."""
        self.optimizer.zero_grad()
        F.cross_entropy(self.model(images), labels).backward()
        self.optimizer.step()


def train_both(module: LightningModule, batches: loader.TensorLoader, **options: Any) -> tuple[float, float]:
    """Give the CPU seconds of an epoch within `Trainer.fit` and of the plain loop."""
    both = Interlocked(batches, time.process_time)
    all_s = train_lightning(module, both, **options)
    return all_s - both.plain_s, both.plain_s + both.draw_s


def train_lightning(
    module: LightningModule,
    batches: loader.TensorLoader | Interlocked,
    clock: Clock = time.process_time,
    asks_nvml: bool = True,
    **options: Any,
) -> float:
    """Give the seconds of an epoch within `Trainer.fit`, in which torch asks NVIDIA's library for GPUs, or does not."""
    borders: list[float] = []
    # Set on the module, because a barebones trainer would not be one with callbacks.
    module.on_train_epoch_start = module.on_train_epoch_end = lambda: borders.append(clock())
    os.environ[NVML] = str(int(asks_nvml))
    nowhere = io.StringIO()
    with contextlib.redirect_stderr(nowhere), contextlib.redirect_stdout(nowhere):
        Trainer(max_epochs=1, accelerator="cpu", devices=1, **options).fit(module, batches)
    start, end = borders
    return end - start


def new_network() -> nn.Module:
    torch.manual_seed(0)
    return seminar.SeminarCNN()


def bare(folder: Path) -> dict[str, Any]:
    """Options of a Trainer that has our module and nothing else."""
    return {
        "logger": False,
        "enable_checkpointing": False,
        "enable_progress_bar": False,
        "enable_model_summary": False,
        "default_root_dir": folder,
    }


def contestants(new_batches: Callable[[], loader.TensorLoader], folder: Path) -> dict[str, Both]:
    """The rows of the table; each trains a new network."""

    def ours(**options: Any) -> tuple[float, float]:
        return train_both(classifier.Classifier(new_network()), new_batches(), **bare(folder), **options)

    return {
        FLOOR: lambda: train_both(Minimal(new_network()), new_batches(), barebones=True),
        OURS: lambda: ours(asks_nvml=False),
        AS_LIBRARY: lambda: ours(asks_nvml=True),
    }


def parts(new_batches: Callable[[], loader.TensorLoader], folder: Path) -> dict[str, Both]:
    """Our module with one more thing that a training by `hw-cnn fit` has."""

    def logged(**options: Any) -> tuple[float, float]:
        options = {
            **bare(folder),
            "logger": CSVLogger(folder),
            "log_every_n_steps": 10,
            "asks_nvml": False,
            **options,
        }
        return train_both(classifier.Classifier(new_network()), new_batches(), **options)

    def barred(bar: type, refresh_rate: int) -> Both:
        return lambda: logged(enable_progress_bar=True, callbacks=[bar(refresh_rate=refresh_rate)])

    def checkpointed() -> tuple[float, float]:
        return logged(enable_checkpointing=True, callbacks=[ModelCheckpoint(folder / "checkpoints")])

    return {
        f"{OURS}, log each 10 steps": logged,
        "  and checkpoint": checkpointed,
        "  and TQDM bar each step": barred(TQDMProgressBar, 1),
        "  and TQDM bar each 20 steps": barred(TQDMProgressBar, 20),
        "  and rich bar each step": barred(RichProgressBar, 1),
        "  and rich bar each 20 steps": barred(RichProgressBar, 20),
    }


def compare(images: Tensor, labels: Tensor, batch_size: int, options: argparse.Namespace) -> dict[str, Any]:
    def new_batches() -> loader.TensorLoader:
        return loader.TensorLoader(images, labels, batch_size, mean=0.1307, std=0.3081, shuffle=True)

    with tempfile.TemporaryDirectory() as folder:
        rows = contestants(new_batches, Path(folder))
        if options.parts:
            rows |= parts(new_batches, Path(folder))
        times = pairs.take_turns(rows, options.pairs)
    print(f"\nbatch {batch_size}, aim for {OURS}: at most {AIM:.2f}")
    print(f"{'':<32}  {'ms/step':>7}  {'plain':>7}  times the plain loop")
    figures = {}
    for name, both in times.items():
        ours, plain = ([seconds[side] for seconds in both] for side in (0, 1))
        step_ms, plain_ms = (
            1e3 * pairs.Spread.of(side).median / len(new_batches()) for side in (ours, plain)
        )
        to_plain = pairs.ratios(ours, plain)
        print(f"{name:<32}  {step_ms:>7.2f}  {plain_ms:>7.2f}  {to_plain:.3f}")
        figures[name.strip()] = {"seconds": ours, "plain_seconds": plain, "to_plain": to_plain.median}
    return figures


def main() -> int:
    parser = pairs.parser("CPU time per epoch of our LightningModule and of a plain loop.", pairs=9)
    parser.add_argument("--images", type=int, default=6000, help="images per epoch (%(default)s)")
    parser.add_argument("--batches", type=int, nargs="+", default=[64, 256], help="batch sizes (64 256)")
    parser.add_argument(
        "--parts", action="store_true", help="add rows with a logger, a checkpoint and progress bars"
    )
    options = parser.parse_args()
    pairs.begin(options)
    # Draw as on a terminal, although nobody looks.
    rich.reconfigure(force_terminal=True)
    images, labels, what = pairs.training_images(options.data, options.images)
    print(
        f"SeminarCNN, {options.images} images ({what}), CPU time, median [least-greatest] of {options.pairs} pairs"
    )
    figures = {size: compare(images, labels, size, options) for size in options.batches}
    print(f"\n{pairs.machine(options.threads)}")
    pairs.write_json(options.json, {"machine": pairs.machine(options.threads), "batch": figures})
    return 0


if __name__ == "__main__":
    sys.exit(main())
