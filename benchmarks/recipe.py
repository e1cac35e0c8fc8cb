"""How good and how fast the packaged recipe and `train_seminar` are.

    python benchmarks/recipe.py                      five times `hw-cnn fit --config digits`, two threads
    python benchmarks/recipe.py --train-seminar 20   `train_seminar` with seeds 0-19, one thread (task K3's dots)

Nothing here is a gate: the figures go into the manifest and the notes by hand.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor, nn

HIDDEN = Path(__file__).resolve().parent.parent / "assignments/seminar_cnn/hidden/digits.npz"


def fit_seconds(seed: int, threads: int, folder: Path) -> float:
    """Run the command as a user does, start of the interpreter included."""
    command = [sys.executable, "-m", "hw_cnn.cli", "fit", "--config", "digits"]
    command += [f"--seed_everything={seed}", f"--data.seed={seed}", f"--trainer.default_root_dir={folder}"]
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    start = time.perf_counter()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def public_test_accuracy(folder: Path) -> float:
    """Accuracy of the best checkpoint under `folder` on the 1,000 public test digits."""
    import torch

    from hw_cnn import classifier
    from hw_cnn.data.reading import embedded
    from hw_cnn.models import seminar

    (path,) = folder.glob("lightning_logs/version_0/checkpoints/epoch=*.ckpt")
    module = classifier.Classifier(seminar.SeminarCNN())
    module.load_state_dict(torch.load(path, weights_only=True)["state_dict"])
    images, labels = embedded.load_digits("test")
    return accuracy(module, images, labels)


def accuracy(module: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Share of right answers on (N, 28, 28) uint8 images."""
    import torch

    from hw_cnn.data import digits
    from hw_cnn.data.feeding import loader

    data = digits.DigitsDataModule
    batches = loader.TensorLoader(images, labels, 500, mean=data.mean, std=data.std)
    with torch.no_grad():
        right = sum(int((module.eval()(x).argmax(1) == y).sum()) for x, y in batches)
    return right / len(labels)


def nine_shift_accuracy(module: nn.Module) -> float:
    """Mean accuracy over the shifts {-1, 0, 1}² of the 2,000 hidden digits."""
    import numpy as np
    import torch

    from hw_cnn.data.feeding import loader

    with np.load(HIDDEN, allow_pickle=False) as arrays:
        images, labels = (
            torch.from_numpy(arrays["images"]),
            torch.from_numpy(arrays["labels"].astype("int64")),
        )
    values = []
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            moves = torch.tensor([[down, right]]).expand(len(images), 2)
            values.append(accuracy(module, loader.shift(images[:, None], moves), labels))
    return statistics.fmean(values)


def bench_recipe(num_seeds: int, threads: int) -> None:
    print("hw-cnn fit --config digits: accuracy of the best checkpoint on the public test digits")
    print(f"{'seed':>4}  {'accuracy':>8}  {'seconds':>7}  {'cpu-s':>6}")
    rows = []
    for seed in range(num_seeds):
        with tempfile.TemporaryDirectory() as folder:
            before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
            seconds = fit_seconds(seed, threads, Path(folder))
            cpu = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
            rows.append((public_test_accuracy(Path(folder)), seconds, cpu))
        print(f"{seed:>4}  {rows[-1][0]:>8.4f}  {seconds:>7.1f}  {cpu:>6.1f}", flush=True)
    print_spread(rows, threads)


def bench_train_seminar(num_seeds: int) -> None:
    import torch

    from hw_cnn import training
    from hw_cnn.data import digits

    torch.set_num_threads(1)
    print("train_seminar: mean accuracy over nine shifts of the hidden digits")
    print(f"{'seed':>4}  {'accuracy':>8}  {'seconds':>7}  {'cpu-s':>6}")
    rows = []
    for seed in range(num_seeds):
        start, cpu_start = time.perf_counter(), time.process_time()
        module = training.train_seminar(digits.DigitsDataModule(), seed=seed, accelerator="cpu")
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu_start
        rows.append((nine_shift_accuracy(module), seconds, cpu))
        print(f"{seed:>4}  {rows[-1][0]:>8.4f}  {seconds:>7.1f}  {cpu:>6.1f}", flush=True)
    print_spread(rows, 1)


def print_spread(rows: list[tuple[float, float, float]], threads: int) -> None:
    for label, summarise in (
        ("mean", statistics.fmean),
        ("sd", statistics.stdev),
        ("min", min),
        ("max", max),
    ):
        columns = [summarise(column) for column in zip(*rows, strict=True)] if len(rows) > 1 else rows[0]
        print(f"{label:>4}  {columns[0]:>8.4f}  {columns[1]:>7.1f}  {columns[2]:>6.1f}")
    import torch

    machine = f"{processor()}, {len(os.sched_getaffinity(0))} cores, {threads} thread(s)"
    print(f"{machine}, Python {platform.python_version()}, torch {torch.__version__}")


def processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")),
        "unknown processor",
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        description="Accuracy and time of the packaged recipe, or of train_seminar."
    )
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--train-seminar", type=int, metavar="SEEDS", help="measure train_seminar instead")
    options = parser.parse_args()
    if options.train_seminar:
        bench_train_seminar(options.train_seminar)
    else:
        bench_recipe(options.seeds, options.threads)
    return 0


if __name__ == "__main__":
    sys.exit(main())
