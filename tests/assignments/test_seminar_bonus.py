"""The bonus of seminar_cnn: speed that is measured, digits that are looked at, and what would earn them for nothing."""

from __future__ import annotations

import importlib
import multiprocessing
import os
from collections.abc import Iterator

import numpy as np
import pytest

from autograder.course.manifest import load_manifest
from autograder.course.symbol import Symbol
from autograder.course.variants import Variant, load_variants
from autograder.grading.hidden_tests import Measurement
from autograder.remote.student import Student
from tests.assignments import support
from tests.autograder.sandbox_support import Lab

pytest_plugins = ["tests.autograder.sandbox_support"]

FOLDER = support.COURSE / "seminar_cnn"
MANIFEST = load_manifest(FOLDER)
VARIANTS = load_variants(FOLDER)
SPEED, OWN = MANIFEST.task("F5"), MANIFEST.task("X1")
FAST = [variant for variant in VARIANTS if variant.task == "F5" and variant.kind == "correct"]
REPEATS, BUSY_PROCESSES = 500, 6


def points_kept(task_id: str, source: str, monkeypatch: pytest.MonkeyPatch) -> float:
    """Of a task, with a source in the place of the reference."""
    task = MANIFEST.task(task_id)
    (symbol,) = task.tops
    namespace: dict[str, object] = {"__name__": "own_code"}
    exec(source, namespace)
    monkeypatch.setattr(importlib.import_module(symbol.module), symbol.name, namespace[symbol.name])
    lost = support.points_lost(FOLDER, task, support.make_student(MANIFEST), salt=0)
    return task.points - sum(lost.values())


RIGHT = "x.unfold(2, weight.shape[2], 1).unfold(3, weight.shape[3], 1)"
ANSWER = f'torch.einsum("ncyxij,ocij->noyx", {RIGHT}, weight)'
NOTHING_FOR = {
    "zeros": "def conv2d_fast(x, weight): return torch.zeros(SHAPE(x, weight))",
    "one number, expanded": "def conv2d_fast(x, weight): return x.mean().expand(SHAPE(x, weight))",
    "the first answer again": (
        "KNOWN = {}\n"
        "def conv2d_fast(x, weight):\n"
        "    key = x.shape, weight.shape\n"
        f"    KNOWN.setdefault(key, {ANSWER})\n"
        "    return KNOWN[key]\n"
    ),
    "the same sum of pixels": (
        "KNOWN = {}\n"
        "def conv2d_fast(x, weight):\n"
        "    key = x.shape, weight.shape, round(float(x.mean()), 1)\n"
        f"    KNOWN.setdefault(key, {ANSWER})\n"
        "    return KNOWN[key]\n"
    ),
    "asleep": f"import time\ndef conv2d_fast(x, weight):\n    time.sleep(0.15)\n    return {ANSWER}\n",
    "numbers of Python": (FOLDER / "wrong" / "f5_python_numbers.py").read_text(encoding="utf-8"),
}
SHAPE = (
    "import torch\n"
    "def SHAPE(x, w): return len(x), len(w), x.shape[2] - w.shape[2] + 1, x.shape[3] - w.shape[3] + 1\n"
)


@pytest.mark.parametrize("source", NOTHING_FOR.values(), ids=NOTHING_FOR)
def test_speed_without_the_answer_and_answers_without_speed_earn_nothing(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert points_kept("F5", SHAPE + source, monkeypatch) == 0


NOT_HERE = {
    "flipped": f"def conv2d_fast(x, weight):\n    weight = weight.flip(2, 3)\n    return {ANSWER}\n",
    "float64": f"def conv2d_fast(x, weight):\n    return ({ANSWER}).double()\n",
    "last row and column left zero": (
        f"def conv2d_fast(x, weight):\n    out = {ANSWER}\n"
        "    out[..., -1, :] = 0\n    out[..., -1] = 0\n    return out\n"
    ),
    "one row and column too few": f"def conv2d_fast(x, weight):\n    return ({ANSWER})[..., :-1, :-1]\n",
}


@pytest.mark.parametrize("source", NOT_HERE.values(), ids=NOT_HERE)
def test_mistakes_that_f1_marks_cost_nothing_here(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """How far the bars are is measured: everything vectorised is many times as fast as all points need."""
    assert points_kept("F5", SHAPE + source, monkeypatch) == SPEED.points


DRAWN = (FOLDER / "wrong" / "x1_ok_bits.py").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "points"),
    [
        ("images", 3),
        ("images[:, None]", 0),
        ("images.numpy()", 0),
        ("images.bool()", 3),
        ("torch.cat([images[:5], images[:5]])", 0),
        # Six that count earn half of the ramp: three copies of one and a blank are none.
        ("torch.cat([images[:6], images[5:6].expand(3, 28, 28), images[:1] * 0])", 1.65),
    ],
)
def test_own_digits_earn_what_counts(change: str, points: float, monkeypatch: pytest.MonkeyPatch) -> None:
    source = DRAWN.replace("    return images\n", f"    return {change}\n")
    assert points_kept("X1", source, monkeypatch) == pytest.approx(points)


def spin() -> None:
    while True:
        pass


@pytest.fixture
def load() -> Iterator[None]:
    """Three times as many processes as this machine has cores for, all of them busy."""
    count = BUSY_PROCESSES * max(1, (os.cpu_count() or 2) // 2)
    busy = [multiprocessing.get_context("fork").Process(target=spin, daemon=True) for _ in range(count)]
    for process in busy:
        process.start()
    yield
    for process in busy:
        process.kill()
        process.join()


def in_worker(lab: Lab, variant: Variant) -> Student:
    runner = lab(memory_mb=2048, submission_s=3600.0)
    source = (FOLDER / "wrong" / f"{variant.id}.py").read_text(encoding="utf-8")
    reply = runner.run(source)
    assert reply["ok"], reply
    bind = {"op": "bind", "namespace": "notebook", "name": "conv2d_fast", "module": "hw_cnn.scratch"}
    assert runner.worker.request(bind, {}, timeout_s=5.0)[0]["ok"]
    limits = MANIFEST.limits.model_copy(update={"submission_s": 3600.0})
    return Student(lambda: runner.worker, [Symbol("hw_cnn.scratch", "conv2d_fast")], limits)


@pytest.mark.nightly
@pytest.mark.usefixtures("load")
@pytest.mark.parametrize("variant", FAST, ids=lambda variant: variant.id)
def test_a_vectorised_solution_never_loses_a_point_under_load(variant: Variant, lab: Lab) -> None:
    """500 times over all solutions, behind the sandbox, on a machine that has far too much to do."""
    module, student = support.hidden_module(FOLDER, SPEED), in_worker(lab, variant)
    shares = []
    for salt in range(REPEATS // len(FAST)):
        test = SPEED.tests[salt % len(SPEED.tests)]
        student.begin_test(600.0)
        measured = Measurement(test.threshold)
        getattr(module, test.id.split("::")[1])(np.random.default_rng(salt), student, measured)
        assert measured.value is not None
        shares.append(measured.value)
    assert min(shares) == 1


@pytest.mark.nightly
def test_four_loops_never_earn_a_point(monkeypatch: pytest.MonkeyPatch) -> None:
    source = (FOLDER / "wrong" / "f5_four_loops.py").read_text(encoding="utf-8")
    for _ in range(10):
        assert points_kept("F5", source, monkeypatch) == 0
