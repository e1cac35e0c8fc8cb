"""What the sandbox costs: a worker from order to end, and training inside, beside less protection and none.

    python -m benchmarks.sandbox

Zygotes of all tiers run at once and take turns. "a bare fork" is a child of a process with the same packages that
answers one byte through a pipe. Training is the same code in a worker and in a bare fork, in processor seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from autograder.course import find_assignment
from autograder.sandbox import probe, tiers
from autograder.sandbox.client import PRELOAD, Zygote
from autograder.sandbox.stage import Stage
from autograder.spec import Limits
from autograder.validate import reference_package
from benchmarks import pairs

ROOT = Path(__file__).resolve().parents[1]

TRAINING = """
def train():
    import torch
    torch.set_num_threads(1)
    torch.manual_seed(0)
    images, labels = torch.randn(64, 1, 28, 28), torch.randint(0, 10, (64,))
    model = torch.nn.Sequential(
        torch.nn.Conv2d(1, 16, 5), torch.nn.ReLU(), torch.nn.MaxPool2d(2), torch.nn.Flatten(),
        torch.nn.Linear(16 * 144, 10),
    )
    optimizer = torch.optim.Adam(model.parameters())
    for _ in range(150):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
    return float(loss.detach())
"""


def bare_fork() -> float:
    """Seconds of a fork that says one byte and ends."""
    start = time.perf_counter()
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(writer, b"1")
        os._exit(0)
    os.read(reader, 1)
    os.waitpid(pid, 0)
    seconds = time.perf_counter() - start
    os.close(reader)
    os.close(writer)
    return seconds


def worker_life(stage: Stage, zygote: Zygote) -> float:
    """Seconds from the order to the first answer to the certainty that nothing is left."""
    overlay = stage.make_overlay({})
    start = time.perf_counter()
    worker = zygote.spawn(overlay)
    worker.request({"op": "echo"}, {}, timeout_s=10.0)
    worker.close()
    seconds = time.perf_counter() - start
    stage.remove_overlay(overlay)
    return seconds


def training_outside() -> float:
    """Processor seconds of the training in a bare fork."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    pid = os.fork()
    if pid == 0:
        namespace: dict[str, Callable[[], float]] = {}
        exec(TRAINING, namespace)
        namespace["train"]()
        os._exit(0)
    os.waitpid(pid, 0)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def training_inside(stage: Stage, zygote: Zygote) -> float:
    """Processor seconds of a worker that trains."""
    overlay = stage.make_overlay({})
    worker = zygote.spawn(overlay)
    message = {"op": "exec", "namespace": "notebook", "source": TRAINING + "train()", "filename": "<cell>"}
    reply, _ = worker.request({**message, "first_line": 1}, {}, timeout_s=120.0)
    assert reply["ok"], reply
    usage = worker.close()
    stage.remove_overlay(overlay)
    return usage.cpu_s


def grading(machine: str, count: int) -> float:
    """Mean of the seconds in the results of `count` right submissions without training, one at a time."""
    files = reference_package(find_assignment("seminar_cnn", ROOT / "assignments").manifest)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(count):
            for path, content in files.items():
                if path != "hw_cnn/training.py":
                    target = folder / "submissions" / f"student{number:02}" / path
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(content)
        command = [sys.executable, "-m", "tests.autograder.machines", machine]
        command += [str(Path(sys.executable).parent / "autograder"), "grade", "seminar_cnn"]
        command += [
            str(folder / "submissions"),
            "--out",
            str(folder / "out"),
            "--jobs",
            "1",
            "--trusted-code",
        ]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        results = [json.loads(path.read_text()) for path in (folder / "out" / "results").glob("*.json")]
    return statistics.fmean(result["seconds"] for result in results)


def show(rows: dict[str, list[float]], base: str, unit: str, scale: float) -> None:
    """Median of each row, and of its ratio to and difference from `base` round by round."""
    for name, values in rows.items():
        ratio = statistics.median(one / other for one, other in zip(values, rows[base], strict=True))
        more = statistics.median(one - other for one, other in zip(values, rows[base], strict=True))
        median = statistics.median(values) * scale
        print(f"{name:<14} {median:9.2f} {unit}  {more * scale:+9.2f} {unit}  {ratio:6.2f} times")


def main() -> int:
    parser = argparse.ArgumentParser(description="What the sandbox costs.")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--trainings", type=int, default=7)
    parser.add_argument("--classes", type=int, default=5)
    parser.add_argument("--students", type=int, default=8)
    options = parser.parse_args()
    for name in PRELOAD:  # a bare fork copies as much as the zygote's
        __import__(name)
    import torch

    torch.set_num_threads(1)
    system = probe.probe()
    reached = [tier for tier in tiers.TIERS if tiers.TIERS.index(tier) >= tiers.TIERS.index(system.tier)]
    if system.tier == "A-":
        reached.remove("B")
    edition = {"hw_cnn/__init__.py": b""}
    with ExitStack() as stack:
        stage = stack.enter_context(Stage(edition))
        zygotes = {
            tier: stack.enter_context(Zygote(stage, Limits(), protection=probe.lower(system, tier)))
            for tier in reversed(reached)
        }
        lives: dict[str, list[float]] = {name: [] for name in ("a bare fork", *zygotes)}
        for _ in range(options.rounds):
            lives["a bare fork"].append(bare_fork())
            for tier, zygote in zygotes.items():
                lives[tier].append(worker_life(stage, zygote))
        print("a worker from order to end, Lightning loaded; more than a bare fork; times")
        show(lives, "a bare fork", "ms", 1e3)
        trainings: dict[str, list[float]] = {name: [] for name in ("outside", *zygotes)}
        for _ in range(options.trainings):
            trainings["outside"].append(training_outside())
            for tier, zygote in zygotes.items():
                trainings[tier].append(training_inside(stage, zygote))
        print("\n150 steps of a small network, processor seconds, the worker's start included; times outside")
        show(trainings, "outside", "s", 1.0)
    classes: dict[str, list[float]] = {"C": [], system.tier: []}
    for _ in range(options.classes):
        classes["C"].append(grading("bare", options.students))
        classes[system.tier].append(grading("plain", options.students))
    print(f"\n{options.students} submissions without training, seconds of each; times tier C")
    show(classes, "C", "s", 1.0)
    print(f"\n{pairs.machine(1)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
