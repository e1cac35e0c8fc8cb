"""Golden loss curves: the first steps of some recipes, kept in tests/assets/losses.

    python -m tests.hw_cnn.golden            write them anew, after a change that is meant to change them
    python -m tests.hw_cnn.golden --compare  print how far this machine is from them

One thread, the recipe's own seed, on the CPU. The first steps agree on every processor. Later ones drift apart,
because kernels add in another order there, and in a deep network one rounding decides which pixel of a pooling is the
largest; so the tolerance of a curve is small for NUM_CLOSE steps and wider after them.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import io
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import torch

from hw_cnn import cli

FOLDER = Path(__file__).resolve().parents[1] / "assets/losses"
NUM_STEPS = 30
NUM_CLOSE = 3
# Relative to the larger of 1 and the loss. Seen over NUM_CLOSE steps: at most 1e-6, between the vector instructions of
# one AMD EPYC (ATEN_CPU_CAPABILITY=default, ONEDNN_MAX_CPU_ISA=AVX2 or SSE41, MKL_ENABLE_INSTRUCTIONS=SSE4_2).
CLOSE = 1e-4
# Recipe: tolerance of all steps. Seen: 6e-7, 4e-2, 2e-7, 4e-3, 9e-2.
TOLERANCE = {
    "digits": 1e-3,
    "lenet5-digits": 0.15,
    "lenet5-1998-digits": 1e-3,
    "alexnet-2012-digits": 0.05,
    "vgg16-bn-digits": 0.3,
}
RECIPES = tuple(TOLERANCE)


def losses(recipe: str, *more: str) -> list[float]:
    """Train the recipe for NUM_STEPS steps with the command's own entry, and read the losses from its log."""
    with tempfile.TemporaryDirectory() as folder, _one_thread():
        argv = ["fit", "--config", recipe, "--trainer.accelerator=cpu", f"--trainer.max_steps={NUM_STEPS}"]
        argv += ["--trainer.log_every_n_steps=1", "--trainer.limit_val_batches=0"]
        argv += ["--trainer.enable_checkpointing=false", f"--trainer.default_root_dir={folder}", *more]
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            code = cli.main(argv)
        if code != 0:
            raise RuntimeError(said.getvalue())
        (log,) = Path(folder).rglob("metrics.csv")
        rows = list(csv.DictReader(log.read_text(encoding="utf-8").splitlines()))
    return [float(row["train_loss"]) for row in rows if row["train_loss"]]


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def read(recipe: str) -> list[float]:
    """Give the kept curve."""
    return [float(line) for line in (FOLDER / f"{recipe}.txt").read_text(encoding="utf-8").splitlines()]


def difference(found: list[float], kept: list[float]) -> float:
    """The largest difference of two curves, relative to the larger of 1 and the loss."""
    return max(abs(one - other) / max(1.0, abs(other)) for one, other in zip(found, kept, strict=True))


def main() -> int:
    parser = argparse.ArgumentParser(description="Write or compare the golden loss curves.")
    parser.add_argument("--compare", action="store_true")
    options = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    for recipe in RECIPES:
        found = losses(recipe)
        if options.compare:
            kept = read(recipe)
            close = difference(found[:NUM_CLOSE], kept[:NUM_CLOSE])
            print(f"{recipe:<22} {close:.1e} {difference(found, kept):.1e}", flush=True)
        else:
            lines = "".join(f"{loss:.6f}\n" for loss in found)
            (FOLDER / f"{recipe}.txt").write_text(lines, encoding="utf-8")
            print(f"{recipe:<22} {found[0]:.4f} -> {found[-1]:.4f}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
