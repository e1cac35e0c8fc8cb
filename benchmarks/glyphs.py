"""What honest trainings and cheats reach on the glyphs of several course keys, and what share of K3 that leaves.

    python -m benchmarks.glyphs                    20 keys, every recipe of benchmarks/trainings, one thread
    python -m benchmarks.glyphs --keys 3 --only ridge_on_pixels,three_epochs

A row per key with the accuracies; below it, for each recipe, the least, mean and greatest share and accuracy, and its
processor seconds. The bars are those of the grader: a ridge on pixels, and the reference's training on the same glyphs
less the margin in the manifest. Nothing here is a gate: the margin is written into the manifest by hand.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import trainings
from benchmarks.pairs import machine

ASSIGNMENT = Path(__file__).resolve().parents[1] / "assignments" / "seminar_cnn"
KINDS = ("honest", "cheats")


class Measured(NamedTuple):
    """accuracy: on the hidden glyphs. share: of K3's points. cpu_s: of the training."""

    accuracy: float
    share: float
    cpu_s: float


def margin() -> float:
    """Of the manifest."""
    from autograder.course.manifest import load_manifest

    tests = [test for task in load_manifest(ASSIGNMENT).tasks for test in task.tests]
    return next(test.threshold.margin for test in tests if test.threshold and test.threshold.margin)


def measure(key: bytes, recipes: dict[str, Callable[..., Any]]) -> tuple[float, float, dict[str, Measured]]:
    """Ridge, reference, and what each recipe reaches on the glyphs of a key."""
    from autograder.grading.glyphs.exam import Examination, glyph_secret
    from autograder.grading.points import Bars, ramp
    from hw_cnn.training import train_seminar

    exam = Examination(glyph_secret(key, ASSIGNMENT.name), margin())
    low, (reference, _) = exam.ridge(), accuracy_of(train_seminar, exam)
    bars = Bars(low, reference - exam.margin)
    found = {}
    for name, recipe in recipes.items():
        accuracy, cpu_s = accuracy_of(recipe, exam)
        found[name] = Measured(accuracy, ramp(accuracy, bars), cpu_s)
    return low, reference, found


def accuracy_of(recipe: Callable[..., Any], exam: Any) -> tuple[float, float]:
    """Accuracy on the hidden glyphs, and processor seconds, of one training in this process."""
    import torch

    from autograder.grading.glyphs.reference import MEAN, STD
    from autograder.sandbox.runner.drivers import quiet_lightning
    from hw_cnn.data import DigitsDataModule

    datamodule = DigitsDataModule()
    datamodule.splits |= exam.parts
    started = time.process_time()
    with quiet_lightning():
        net = recipe(datamodule, seed=exam.seed, accelerator="cpu")
    cpu_s = time.process_time() - started
    images, labels = exam.hidden
    with torch.no_grad():
        guessed = net(((images.float() / 255 - MEAN) / STD)[:, None]).argmax(1)
    return float((guessed == labels).double().mean()), cpu_s


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.glyphs")
    parser.add_argument("--keys", type=int, default=20)
    parser.add_argument("--only", default="", help="names of recipes, separated by commas")
    options = parser.parse_args(argv)

    import torch

    torch.set_num_threads(1)
    wanted = set(filter(None, options.only.split(",")))
    recipes = {
        name: trainings.train_seminar(kind, name)
        for kind in KINDS
        for name in trainings.names(kind)
        if not wanted or name in wanted
    }
    print(machine(1))
    print("key ridge reference", *recipes)
    rows: dict[str, list[Measured]] = {name: [] for name in recipes}
    for number in range(options.keys):
        low, reference, found = measure(f"benchmark key {number}".encode(), recipes)
        for name, one in found.items():
            rows[name].append(one)
        print(
            number,
            f"{low:.3f} {reference:.3f}",
            *(f"{one.accuracy:.3f}" for one in found.values()),
            flush=True,
        )
    print(f"\nmargin {margin():g}, {options.keys} keys\n{'recipe':<24}{'share':^22}{'accuracy':^22} cpu s")
    for name, row in rows.items():
        cpu_s = statistics.fmean(one.cpu_s for one in row)
        print(
            f"{name:<24}{spread([one.share for one in row]):^22}{spread([one.accuracy for one in row]):^22} {cpu_s:.2f}"
        )


def spread(values: list[float]) -> str:
    return f"{min(values):.3f} {statistics.fmean(values):.3f} {max(values):.3f}"


if __name__ == "__main__":
    main(sys.argv[1:])
