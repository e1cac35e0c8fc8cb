"""What honest trainings and cheats reach on the glyphs of several course keys, and what share of K3 that leaves.

    python -m benchmarks.glyphs                    20 keys, every recipe of benchmarks/trainings, one thread
    python -m benchmarks.glyphs --keys 3 --only ridge_on_pixels,three_epochs

The bars are those of the grader: a ridge on pixels, and the reference's training on the same glyphs less the margin in
the manifest. Each key is one line of --results, so an interrupted series continues; docs/glyphs.md is written from
those lines alone. Nothing here is a gate: the margin is written into the manifest by hand.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import trainings
from benchmarks.pairs import machine

HERE = Path(__file__).resolve().parent
ASSIGNMENT = HERE.parent / "assignments" / "seminar_cnn"
RESULTS = HERE / "results" / "glyphs.jsonl"
TABLE = HERE.parent / "docs" / "glyphs.md"
KINDS = ("honest", "cheats")
HEAD = """# Training on glyphs, measured

Written by `python -m benchmarks.glyphs` from `benchmarks/results/glyphs.jsonl`; not to be edited by hand. What it is
about stands in [How a submission is graded](grading.md#training). Each row is a training of `benchmarks/trainings`,
over {keys} course keys (least, mean and greatest): its accuracy on 2,000 glyphs that it has not seen, and the share by
which the points of K3 are multiplied. All figures are of one training; the grader makes a second one where the first
falls short of the whole share. Bars: a ridge on pixels reaches {ridge}, the reference
{reference}, of which the margin of {margin:g} is taken off.
{machine}.

| training | accuracy | share | processor seconds |
|---|---|---|---|
"""


class Measured(NamedTuple):
    """accuracy: on the hidden glyphs. cpu_s: of the training."""

    accuracy: float
    cpu_s: float


def margin() -> float:
    """Of the manifest."""
    from autograder.course.manifest import load_manifest

    tests = [test for task in load_manifest(ASSIGNMENT).tasks for test in task.tests]
    return next(test.threshold.margin for test in tests if test.threshold and test.threshold.margin)


def measure(
    key: bytes, recipes: dict[str, Callable[..., Any]], *, again: bool = False
) -> tuple[float, dict[str, Measured]]:
    """The ridge, and what each recipe and the reference reach on the glyphs of a key.

    again: as the grader does, train a second time with another seed what falls short of the whole share.
    """
    from autograder.grading.glyphs.exam import Examination, glyph_secret
    from hw_cnn.training import train_seminar

    exam = Examination(glyph_secret(key, ASSIGNMENT.name), margin())
    found = {"reference": accuracy_of(train_seminar, exam, exam.seed)}
    high = found["reference"].accuracy - exam.margin
    for name, recipe in recipes.items():
        found[name] = accuracy_of(recipe, exam, exam.seed)
        if again and found[name].accuracy < high:
            found[name] = max(found[name], accuracy_of(recipe, exam, exam.seed + 1))
    return exam.ridge(), found


def share(one: Measured, ridge: float, reference: Measured) -> float:
    """Of the points of K3."""
    from autograder.grading.points import Bars, ramp

    return ramp(one.accuracy, Bars(ridge, reference.accuracy - margin()))


def accuracy_of(recipe: Callable[..., Any], exam: Any, seed: int) -> Measured:
    """Accuracy on the hidden glyphs, and processor seconds, of one training in this process."""
    import torch

    from autograder.grading.glyphs.reference import MEAN, STD
    from autograder.sandbox.runner.drivers import quiet_lightning
    from hw_cnn.data import DigitsDataModule

    datamodule = DigitsDataModule()
    datamodule.splits |= exam.parts
    started = time.process_time()
    with quiet_lightning():
        net = recipe(datamodule, seed=seed, accelerator="cpu")
    cpu_s = time.process_time() - started
    images, labels = exam.hidden
    with torch.no_grad():
        guessed = net(((images.float() / 255 - MEAN) / STD)[:, None]).argmax(1)
    return Measured(round(float((guessed == labels).double().mean()), 4), round(cpu_s, 2))


def read(results: Path) -> list[dict[str, Any]]:
    """The keys so far."""
    lines = results.read_text(encoding="utf-8").splitlines() if results.is_file() else []
    return [json.loads(line) for line in lines]


def write_table(rows: list[dict[str, Any]], table: Path) -> None:
    """A row for each training that every key has."""
    trainings_of = [{name: Measured(*one) for name, one in row["trainings"].items()} for row in rows]
    lines = []
    for name in trainings_of[0]:
        if name == "reference" or not all(name in found for found in trainings_of):
            continue
        shares = [
            share(found[name], row["ridge"], found["reference"])
            for row, found in zip(rows, trainings_of, strict=True)
        ]
        cpu_s = statistics.fmean(found[name].cpu_s for found in trainings_of)
        accuracies = spread([found[name].accuracy for found in trainings_of])
        lines.append(f"| `{name}` | {accuracies} | {spread(shares)} | {cpu_s:.2f} |")
    head = HEAD.format(
        keys=len(rows),
        ridge=spread([row["ridge"] for row in rows]),
        reference=spread([found["reference"].accuracy for found in trainings_of]),
        margin=margin(),
        machine=rows[0]["machine"],
    )
    table.write_text(head + "\n".join(lines) + "\n", encoding="utf-8")


def spread(values: list[float]) -> str:
    return f"{min(values):.3f} {statistics.fmean(values):.3f} {max(values):.3f}"


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.glyphs")
    parser.add_argument("--keys", type=int, default=20)
    parser.add_argument("--only", default="", help="names of recipes, separated by commas")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--table", type=Path, default=TABLE)
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
    done = {row["key"] for row in read(options.results)}
    for number in range(options.keys):
        if number in done:
            continue
        ridge, found = measure(f"benchmark key {number}".encode(), recipes)
        row = {"key": number, "machine": machine(1), "ridge": ridge, "trainings": found}
        with options.results.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        print(
            f"key {number}: ridge {ridge:.3f}",
            *(f"{n} {one.accuracy:.3f}" for n, one in found.items()),
            flush=True,
        )
    write_table(read(options.results), options.table)
    print(options.table.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main(sys.argv[1:])
