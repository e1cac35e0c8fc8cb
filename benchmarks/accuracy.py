"""Accuracy of the packaged recipes over several seeds: a table that can be made again.

    python -m benchmarks.accuracy --seeds 10                    the recipes that need no download
    python -m benchmarks.accuracy --seeds 10 --data FOLDER --recipes mnist mnist-fast
    python -m benchmarks.accuracy --seeds 10 --data FILE.tar --recipes cifar10     (see benchmarks.cifar10_tar)

A run is `hw-cnn fit` and `hw-cnn test` of the best checkpoint (of the last one where the recipe keeps no best), as a
user gives the commands, on the data's test part. Each run is one line of --results, so an interrupted series
continues; runs of a recipe that has changed since do not count. The table is written from those lines alone.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import hashlib
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import pairs
from hw_cnn.fit import short_names

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results" / "accuracy.jsonl"
TABLE = HERE.parent / "docs" / "accuracy.md"
BEST = re.compile(r"^best val_accuracy [\d.]+: (.+)$", re.MULTILINE)
HEAD = """# Accuracy of the recipes

Written by `python -m benchmarks.accuracy` from `benchmarks/results/accuracy.jsonl`; not to be edited by hand. A run is
`hw-cnn fit --config RECIPE` with another seed and `hw-cnn test` of its best checkpoint. Standard deviations are over
seeds; the processor seconds are those of `fit` with the start of the program. A recipe that is not in the table has
not been measured. The test images of the CIFAR-10 recipes are 5,000 of its training images, which take no part in
training (`benchmarks/cifar10_tar.py`).

| recipe | test images | seeds | mean | sd | min | max | processor seconds | machine |
|---|---|---|---|---|---|---|---|---|
"""


def offline_recipes() -> list[str]:
    """Those whose data come with the library."""
    return [name for name in short_names.recipes() if name == "shapes" or name.split("-")[-1] == "digits"]


def digest(recipe: str) -> str:
    """Changes when the recipe changes."""
    return hashlib.sha256((short_names.CONFIGS / f"{recipe}.yaml").read_bytes()).hexdigest()[:12]


def hw_cnn(command: str, argv: list[str], folder: Path, threads: int) -> subprocess.CompletedProcess[str]:
    """Run the command in `folder`. Raises: SystemExit with what it said when it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "hw_cnn.cli", command, *argv],
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": str(threads), "PYTHONPATH": str(HERE.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"hw-cnn {command} {' '.join(argv)} has failed:\n{done.stderr[-2000:]}")
    return done


def data_options(recipe: str, root: Path | None) -> list[str]:
    """Where the images are; from a tar file they come by a data module of the benchmarks."""
    if root is None or recipe in offline_recipes():
        return []
    module = "benchmarks.cifar10_tar.TarredCIFAR10DataModule"
    return [*([f"--data={module}"] if root.suffix == ".tar" else []), f"--data.root={root.resolve()}"]


def run(recipe: str, seed: int, threads: int, root: Path | None) -> dict[str, Any]:
    """Train and test once, in a process of its own so that its processor time can be told apart."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        common = ["--config", recipe, f"--seed_everything={seed}", "--trainer.accelerator=cpu"]
        common += data_options(recipe, root)
        fitted = hw_cnn("fit", common, folder, threads)
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        best = BEST.search(fitted.stdout)
        checkpoint = best[1] if best else "last"
        hw_cnn("test", [*common, f"--ckpt_path={checkpoint}", "--report.folder=report"], folder, threads)
        report = json.loads((folder / "report" / "test.json").read_text(encoding="utf-8"))
    return {
        "recipe": recipe,
        "digest": digest(recipe),
        "seed": seed,
        "accuracy": 1 - report["top1_error"]["value"],
        "num_images": report["num_images"],
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 2),
        "machine": pairs.machine(threads),
    }


def read(results: Path) -> list[dict[str, Any]]:
    """The runs so far, of recipes as they are now."""
    if not results.is_file():
        return []
    runs = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    current = {recipe: digest(recipe) for recipe in short_names.recipes()}
    return [one for one in runs if current.get(one["recipe"]) == one["digest"]]


def write_table(runs: list[dict[str, Any]], table: Path) -> None:
    """One row per recipe and machine, from two runs on."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for one in sorted(runs, key=lambda one: (one["recipe"], one["seed"])):
        groups.setdefault((one["recipe"], one["machine"]), []).append(one)
    rows = []
    for (recipe, machine), group in groups.items():
        values = [one["accuracy"] for one in group]
        if len(values) > 1:
            figures = (statistics.fmean(values), statistics.stdev(values), min(values), max(values))
            shown = " | ".join(f"{figure:.4f}" for figure in figures)
            cpu_s = statistics.fmean(one["cpu_s"] for one in group)
            images = f"{group[0]['num_images']:,}"
            rows.append(f"| `{recipe}` | {images} | {len(values)} | {shown} | {cpu_s:.0f} | {machine} |")
    table.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description="Accuracy of the packaged recipes over several seeds.")
    parser.add_argument("--recipes", nargs="+", choices=short_names.recipes(), default=offline_recipes())
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1, help="runs at once (%(default)s)")
    parser.add_argument(
        "--data", type=Path, default=os.environ.get("HW_CNN_DATA"), help="root of downloaded data"
    )
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--table", type=Path, default=TABLE)
    options = parser.parse_args()
    done = {(one["recipe"], one["seed"]) for one in read(options.results)}
    wanted = [(recipe, seed) for seed in range(options.seeds) for recipe in options.recipes]
    wanted = [pair for pair in wanted if pair not in done]
    options.results.parent.mkdir(parents=True, exist_ok=True)
    # A process for each run: the processor time of a run is that of its process's children.
    with concurrent.futures.ProcessPoolExecutor(options.jobs, max_tasks_per_child=1) as pool:
        data = Path(options.data) if options.data else None
        futures = [pool.submit(run, recipe, seed, options.threads, data) for recipe, seed in wanted]
        for future in concurrent.futures.as_completed(futures):
            one = future.result()
            with options.results.open("a", encoding="utf-8") as file:
                file.write(json.dumps(one) + "\n")
            print(
                f"{one['recipe']:<24} seed {one['seed']:>2}  {one['accuracy']:.4f}  {one['cpu_s']:.0f} cpu-s",
                flush=True,
            )
    write_table(read(options.results), options.table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
