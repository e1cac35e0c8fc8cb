"""What the sandbox costs: a worker from order to end, and training inside, beside less protection and none.

    python -m benchmarks.sandbox

Zygotes of all tiers run at once and take turns. "a bare fork" is a child of a process with the same packages that
answers one byte through a pipe. Training is the same code in a worker and in a fork of a process that is the zygote in
all but its sandbox (environment, packages, warm-up), which say their own seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from autograder.course.assignment import find_assignment
from autograder.course.manifest import Limits
from autograder.sandbox.host import probe, tiers
from autograder.sandbox.host.stage import Stage
from autograder.sandbox.host.zygote_client import PRELOAD, ZygoteClient, environment
from autograder.validation.class_of_variants import reference_package
from autograder.wire.values import decode_tree
from benchmarks import pairs

ROOT = Path(__file__).resolve().parents[1]
Trainer = Callable[[int], tuple[float, ...]]
"""Steps -> processor seconds, seconds, last loss."""

# Tells its own seconds, so that neither side counts the start of a process.
TRAINING = """
def train(steps):
    import time
    import torch
    torch.set_num_threads(1)
    torch.manual_seed(0)
    images, labels = torch.randn(64, 1, 28, 28), torch.randint(0, 10, (64,))
    model = torch.nn.Sequential(
        torch.nn.Conv2d(1, 16, 5), torch.nn.ReLU(), torch.nn.MaxPool2d(2), torch.nn.Flatten(),
        torch.nn.Linear(16 * 144, 10),
    )
    optimizer = torch.optim.Adam(model.parameters())
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    for _ in range(steps):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()
    return time.process_time() - cpu_s, time.perf_counter() - wall_s, float(loss.detach())
"""
# The zygote without its sandbox: the same environment, packages and warm-up, and a fork for each training.
OUTSIDE = """
import importlib, json, os, sys
sys.path[:] = json.loads(sys.argv[1])
packages = json.loads(sys.argv[2])
for name in packages:
    importlib.import_module(name)
from autograder.sandbox.runner.warmup import warm_up
warm_up(tuple(packages), "cpu")
import gc
gc.collect()
gc.freeze()
for line in sys.stdin:
    reader, writer = os.pipe()
    if os.fork() == 0:
        namespace = {}
        exec(sys.argv[3], namespace)
        os.write(writer, json.dumps(namespace["train"](int(line))).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        print(answer.read(), flush=True)
    os.wait()
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


def worker_life(stage: Stage, zygote: ZygoteClient) -> float:
    """Seconds from the order to the first answer to the certainty that nothing is left."""
    overlay = stage.make_overlay({})
    start = time.perf_counter()
    worker = zygote.spawn(overlay)
    worker.request({"op": "echo"}, {}, timeout_s=10.0)
    worker.close()
    seconds = time.perf_counter() - start
    stage.remove_overlay(overlay)
    return seconds


@contextmanager
def outside(home: Path) -> Iterator[Trainer]:
    """Trainings in forks of a process that is the zygote in all but its sandbox."""
    command = [sys.executable, "-P", "-s", "-B", "-c", OUTSIDE]
    command += [json.dumps([*sys.path, str(ROOT)]), json.dumps(PRELOAD), TRAINING]
    process = subprocess.Popen(
        command, env=environment(home), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    stdin, stdout = process.stdin, process.stdout

    def train(steps: int) -> tuple[float, ...]:
        print(steps, file=stdin, flush=True)
        return tuple(json.loads(stdout.readline()))

    try:
        yield train
    finally:
        stdin.close()
        process.wait()


def inside(stage: Stage, zygote: ZygoteClient) -> Trainer:
    """Trainings in workers."""

    def train(steps: int) -> tuple[float, ...]:
        overlay = stage.make_overlay({})
        with zygote.spawn(overlay) as worker:
            code = {
                "op": "exec",
                "namespace": "notebook",
                "source": TRAINING,
                "filename": "<cell>",
                "first_line": 1,
            }
            bind = {"op": "bind", "namespace": "notebook", "name": "train", "module": "hw_cnn"}
            call = {"op": "call", "target": "hw_cnn:train", "args": [steps], "kwargs": {}}
            for message in (code, bind, call):
                reply, _ = worker.request(message, {}, timeout_s=300.0)
                assert reply["ok"], reply
        stage.remove_overlay(overlay)
        said: tuple[float, ...] = decode_tree(reply["values"]["out"], lambda tag, _: tag)
        return said

    return train


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
        command = [sys.executable, "-m", "tests.machines", machine]
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
    """Median of each row, and of its difference from and ratio to `base` round by round."""
    for name, values in rows.items():
        more = statistics.median(one - other for one, other in zip(values, rows[base], strict=True))
        median = statistics.median(values) * scale
        ratio = pairs.ratios(values, rows[base])
        print(f"{name:<14} {median:9.2f} {unit}  {more * scale:+9.2f} {unit}  {ratio:.3f} times")


def lives(stage: Stage, zygotes: dict[str, ZygoteClient], num_rounds: int) -> None:
    contestants = {"a bare fork": bare_fork}
    contestants |= {tier: partial(worker_life, stage, zygote) for tier, zygote in zygotes.items()}
    times = pairs.take_turns(contestants, num_rounds)
    print("a worker from order to end, Lightning loaded; more than a bare fork; times")
    show(times, "a bare fork", "ms", 1e3)


def trainings(stage: Stage, protection: probe.Protection, num_rounds: int, steps: int) -> None:
    """Each round starts both sides anew: where memory happens to lie changes a training by several per cent."""
    names = ("outside", protection.tier)
    cpu: dict[str, list[float]] = {name: [] for name in names}
    wall: dict[str, list[float]] = {name: [] for name in names}
    for number in range(num_rounds):
        with outside(stage.home) as bare, ZygoteClient(stage, Limits(), protection=protection) as zygote:
            contestants = dict(zip(names, (bare, inside(stage, zygote)), strict=True))
            losses = []
            for name in names if number % 2 == 0 else reversed(names):
                cpu_s, wall_s, loss = contestants[name](steps)
                cpu[name].append(cpu_s)
                wall[name].append(wall_s)
                losses.append(loss)
            assert len(set(losses)) == 1, "the same numbers on both sides"
    for what, times in (("processor seconds", cpu), ("seconds", wall)):
        print(f"\n{steps} steps of a small network, {what}; more than outside; times")
        show(times, "outside", "s", 1.0)


def classes(best: str, num_rounds: int, num_students: int) -> None:
    times = pairs.take_turns(
        {"C": partial(grading, "nothing", num_students), best: partial(grading, "plain", num_students)},
        num_rounds,
    )
    print(f"\n{num_students} submissions without training, seconds of each; more than tier C; times")
    show(times, "C", "s", 1.0)


def main() -> int:
    parser = argparse.ArgumentParser(description="What the sandbox costs.")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--trainings", type=int, default=7)
    parser.add_argument("--steps", type=int, default=1000, help="of each training (%(default)s)")
    parser.add_argument("--classes", type=int, default=5)
    parser.add_argument("--students", type=int, default=8)
    options = parser.parse_args()
    for name in PRELOAD:  # a bare fork copies as much as the zygote's
        __import__(name)
    system = probe.probe()
    reached = [tier for tier in tiers.TIERS if tiers.TIERS.index(tier) >= tiers.TIERS.index(system.tier)]
    if system.tier == "A-":
        reached.remove("B")
    if options.rounds:
        with ExitStack() as stack:
            stage = stack.enter_context(Stage({"hw_cnn/__init__.py": b""}))
            zygotes = {
                tier: stack.enter_context(ZygoteClient(stage, Limits(), protection=probe.lower(system, tier)))
                for tier in reversed(reached)
            }
            lives(stage, zygotes, options.rounds)
    if options.trainings:
        with Stage({"hw_cnn/__init__.py": b""}) as stage:
            trainings(stage, system, options.trainings, options.steps)
    if options.classes:
        classes(system.tier, options.classes, options.students)
    print(f"\n{pairs.machine(1)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
