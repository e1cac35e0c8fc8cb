"""Interrupt and kill `autograder grade` at random moments, go on, and compare with a run that nobody disturbed.

python -m scripts.interrupts --interrupts 200 --kills 100 --students 60

A class of the small assignment that `autograder new` makes, some of whose uploads are wrong or no archive. Each run is
stopped after a random time and started again, until it comes to its end; then the class is graded from the start. What
must hold: after each stop every stored result can be read, an interrupt ends with exit code 130 and a table of all that
is finished, and at each end results and table are those of the undisturbed run, apart from times.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.results.store import Store
from autograder.sandbox.host.scratch import PREFIX
from autograder.skeleton.new import new_assignment

AUTOGRADER = Path(sys.executable).parent / "autograder"
BODIES = ("x.mean((2, 3))", "x.sum((2, 3))", "(x**2).mean((2, 3))")
SOLUTION = "from torch import Tensor\n\n\ndef global_mean(x: Tensor) -> Tensor:\n    return {}\n"
TIMES = ("seconds", "started_at")
PATIENCE_S = 600.0


@dataclass
class Tally:
    """What was done, and what was not as it must be. slowest_s: from an interrupt to the end of its run."""

    interrupts: int = 0
    kills: int = 0
    ends: int = 0
    slowest_s: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.interrupts} interrupts, {self.kills} kills, {self.ends} runs that came to their end; slowest stop "
            f"{self.slowest_s:.1f} s; {len(self.wrong)} differences"
        )


@dataclass(frozen=True)
class Lab:
    """A class in a folder of its own, with its own place for temporary folders."""

    root: Path
    jobs: int = 1

    @property
    def temporary(self) -> Path:
        return self.root / "tmp"

    def prepare(self, students: int) -> None:
        """Make assignment, key and submissions."""
        self.temporary.mkdir()
        (self.root / "course.key").write_text("00" * 32)
        new_assignment("toy", self.root / "course")
        for number in range(students - 1):
            folder = self.root / "class" / f"s{number:03d}"
            folder.mkdir(parents=True)
            (folder / "solution.py").write_text(SOLUTION.format(BODIES[number % len(BODIES)]))
        (self.root / "class" / "zoe.zip").write_bytes(b"no archive")

    @property
    def environment(self) -> dict[str, str]:
        """Of a run: temporary folders lie in the lab."""
        return {**os.environ, "TMPDIR": str(self.temporary), "OMP_NUM_THREADS": "1"}

    def command(self, out: Path, submissions: str = "class") -> list[str]:
        """`grade` of a folder of the lab."""
        command = [
            AUTOGRADER, "grade", "toy", self.root / submissions, "--out", out, "--lang", "en", "--device", "cpu",
            "--assignments", self.root / "course", "--key", self.root / "course.key", "--jobs", self.jobs,
        ]  # fmt: skip
        return list(map(str, command))

    def start(self, out: Path, errors: Path) -> subprocess.Popen[bytes]:
        """`grade`, in a session of its own: it can be sent what a terminal sends to all of its processes."""
        with errors.open("wb") as stream:
            return subprocess.Popen(
                self.command(out),
                env=self.environment,
                stdout=subprocess.DEVNULL,
                stderr=stream,
                start_new_session=True,
            )


def contents(out: Path) -> dict[str, Any]:
    """Results and table without what times and the clock decide."""
    found: dict[str, Any] = {}
    for path in sorted((out / "results").glob("*.json")):
        result = json.loads(path.read_text(encoding="utf-8"))
        found[path.stem] = {name: value for name, value in result.items() if name not in TIMES}
    found["scores.csv"] = (out / "scores.csv").read_text(encoding="utf-8")
    return found


def try_stops(
    root: Path,
    *,
    interrupts: int,
    kills: int,
    students: int,
    longest_s: float,
    seed: int,
    jobs: int = 1,
    until_s: float = math.inf,
) -> Tally:
    """Stop runs until both numbers are reached; the last class is then graded to its end.

    longest_s: a run is stopped after a random time of at most so many seconds. until_s: after so long no more is
    stopped, whatever the numbers are.
    """
    chance, tally, lab = random.Random(seed), Tally(), Lab(root, jobs)
    lab.prepare(students)
    undisturbed, errors = root / "undisturbed", root / "errors"
    if lab.start(undisturbed, errors).wait(PATIENCE_S) != 0:
        raise SystemExit(f"the undisturbed run failed: {errors.read_text(errors='replace')}")
    expected = contents(undisturbed)
    kinds = [signal.SIGINT] * interrupts + [signal.SIGKILL] * kills
    chance.shuffle(kinds)
    out = root / "out"
    begun = time.monotonic()
    while kinds or out.exists():
        if time.monotonic() - begun > until_s:
            kinds.clear()
        running = lab.start(out, errors)
        try:
            code = running.wait(chance.uniform(0, longest_s) if kinds else PATIENCE_S)
        except subprocess.TimeoutExpired:
            kind = kinds.pop()
            _stop(running, kind, to_all=chance.random() < 0.5, tally=tally)
            _check_stopped(running.returncode, kind, out, errors.read_text(errors="replace"), tally)
            print(tally, file=sys.stderr, flush=True)
            continue
        if code != 0:
            tally.wrong.append(f"a rerun ended with {code}: {errors.read_text(errors='replace')[-500:]}")
        found = contents(out)
        tally.wrong += [
            f"{name} differs" for name in expected | found if expected.get(name) != found.get(name)
        ]
        tally.ends += 1
        shutil.rmtree(out)
    left = [path.name for path in lab.temporary.glob(f"{PREFIX}*")]
    tally.wrong += [f"{name} is left in the temporary folder" for name in left]
    return tally


def _stop(running: subprocess.Popen[bytes], kind: signal.Signals, *, to_all: bool, tally: Tally) -> None:
    begun = time.monotonic()
    if kind == signal.SIGINT and to_all:
        os.killpg(running.pid, kind)
    else:
        running.send_signal(kind)
    running.wait(PATIENCE_S)
    if kind == signal.SIGINT:
        tally.interrupts += 1
        tally.slowest_s = max(tally.slowest_s, time.monotonic() - begun)
    else:
        tally.kills += 1


def _check_stopped(code: int, kind: signal.Signals, out: Path, said: str, tally: Tally) -> None:
    tally.wrong += [f"after {kind.name}: {one}" for one in Store(out).unreadable()]
    if kind == signal.SIGKILL:
        return
    began = "loading torch" in said
    if code == 0 or (not began and code in (130, -signal.SIGINT)):
        return  # it was at its end already, or had not begun
    if code != 130:
        tally.wrong.append(f"an interrupt ended with {code}: {said[-500:]}")
        return
    stored = {path.stem for path in (out / "results").glob("*.json")}
    with (out / "scores.csv").open(encoding="utf-8", newline="") as stream:
        listed = {row["student"] for row in csv.DictReader(stream)}
    if listed != stored or "the same command continues" not in said:
        tally.wrong.append(f"the table has {len(listed)} of {len(stored)} results; it said {said[-300:]}")


def main() -> None:
    """See the top of the file."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--interrupts", type=int, default=200)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--students", type=int, default=60)
    parser.add_argument(
        "--longest", type=float, default=20.0, help="seconds after which a run is stopped at most"
    )
    parser.add_argument("--minutes", type=float, default=math.inf, help="no more stops after so long")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="interrupts-") as name:
        tally = try_stops(
            Path(name),
            interrupts=asked.interrupts,
            kills=asked.kills,
            students=asked.students,
            longest_s=asked.longest,
            seed=asked.seed,
            until_s=60 * asked.minutes,
        )
    print(tally, *tally.wrong, sep="\n")
    sys.exit(bool(tally.wrong))


if __name__ == "__main__":
    main()
