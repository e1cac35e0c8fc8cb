"""Public tests: green is honest. Those of the bank, and mistakes that nobody planted in the seminar's homework.

They pass what is right, catch each planted bug (marked nightly), and whatever a student returns ends in words.
`autograder validate` asks the same of the released bundle.
"""

from __future__ import annotations

import importlib
import inspect
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from autograder.course.manifest import Manifest, Task, load_manifest
from autograder.course.variants import Variant, load_variants
from autograder.remote.failures import StudentError, StudentFailure
from autograder.remote.student import Student
from tests.assignments import support
from tests.assignments.support import COURSE


@dataclass(frozen=True)
class Bank:
    """An assignment of the bank."""

    folder: Path
    manifest: Manifest
    variants: tuple[Variant, ...]

    def student(self) -> Student:
        return support.make_student(self.manifest)


def read(name: str) -> Bank:
    return Bank(COURSE / name, load_manifest(COURSE / name), load_variants(COURSE / name))


BANK = [read(name) for name in ("architectures", "convolution", "inside_and_transfer")]
every_task = pytest.mark.parametrize(
    ("bank", "task"),
    [(bank, task) for bank in BANK for task in bank.manifest.tasks],
    ids=lambda value: value.id if isinstance(value, Task) else "",
)
every_variant = pytest.mark.parametrize(
    ("bank", "variant"),
    [
        pytest.param(
            bank,
            variant,
            id=variant.id,
            marks=() if variant.kind == "correct" else pytest.mark.nightly,
        )
        for bank in BANK
        for variant in bank.variants
    ],
)


def failures(bank: Bank, task: Task, student: Student) -> dict[str, Exception | None]:
    """Public test -> what it raised: a wrong answer or a failure of the student; None where it passes."""
    module, found = support.public_module(bank.folder, task), {}
    for name, function in vars(module).items():
        if not name.startswith("test_"):
            continue
        student.begin_test(float("inf"))
        available = {"student": student, "rng": np.random.default_rng(0)}
        try:
            function(**{given: available[given] for given in inspect.signature(function).parameters})
            found[name] = None
        except (AssertionError, StudentFailure) as error:
            found[name] = error
        finally:
            student.free_handles()
    return found


def replace(task: Task, answer: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that the task asks for gives `answer`; an exception is raised."""

    def give(*_: object, **__: object) -> object:
        if isinstance(answer, Exception):
            raise answer
        return answer

    for symbol in task.tops:
        monkeypatch.setattr(importlib.import_module(symbol.module), symbol.name, give)


@every_task
def test_the_reference_passes(bank: Bank, task: Task) -> None:
    found = failures(bank, task, bank.student())
    assert len(found) > 1
    assert set(found.values()) == {None}


@every_variant
def test_variants_are_told_apart(bank: Bank, variant: Variant, monkeypatch: pytest.MonkeyPatch) -> None:
    task = bank.manifest.task(variant.task)
    support.install(bank.folder, task, variant, monkeypatch)
    failed = {name for name, error in failures(bank, task, bank.student()).items() if error is not None}
    assert bool(failed) == (variant.kind == "bug"), failed


@every_task
def test_what_is_not_written_is_told_so(bank: Bank, task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test takes the stub's exception for one that it waits for."""
    replace(task, NotImplementedError(f"task {task.id}"), monkeypatch)
    for name, error in failures(bank, task, bank.student()).items():
        assert isinstance(error, StudentError), name
        assert error.kind == "NotImplementedError", name


GARBAGE = {
    "none": None,
    "text": "text",
    "number": 1.5,
    "nans": torch.full((2, 10), float("nan")),
    "scalar": torch.tensor(1.0),
    "whole numbers": torch.ones(2, 10, dtype=torch.int64),
    "dict": {"last": "a"},
    "tuples": ((), (1, 2), None, "a"),
    "pair": (torch.ones(3), torch.ones(3)),
    "three": (torch.ones(3), None, "a"),
    "linear": nn.Linear(2, 2),
    "without parameters": nn.Flatten(),
    "many small": nn.ParameterList(torch.ones(6) for _ in range(20)),
}


@every_task
@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_odd_answers_fail_every_test_in_words(
    bank: Bank, task: Task, garbage: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace(task, garbage, monkeypatch)
    assert None not in failures(bank, task, bank.student()).values()


def test_the_table_of_c3_is_the_handouts() -> None:
    architectures = BANK[0]
    seen = support.public_module(architectures.folder, architectures.manifest.task("I2")).SEEN
    handout = (architectures.folder / "handout.py").read_text(encoding="utf-8")
    rows = [row.split("|") for row in re.findall(r"\| \*\*\d\*\* \|(.*)\|", handout)]
    assert len(rows) == 2 * len(seen)  # in Russian and in English
    told = tuple("".join("x" if cell.strip() == "×" else "." for cell in row) for row in rows)
    assert told == seen * 2


SEMINAR = read("seminar_cnn")
WINDOWS = """
import torch
import torch.nn.functional as F

def pool2d(x, kernel_size, stride=None, padding=0, mode="max"):
    {body}
    pool = F.max_pool2d if mode == "max" else F.avg_pool2d
    return pool(x, kernel_size, stride, padding)
"""
NETWORK = """
import torch.nn.functional as F
from torch import nn
from hw_cnn.models import seminar

class SeminarCNN(seminar.SeminarCNN):
    def forward(self, x):
        convolutions = [part for part in self.modules() if isinstance(part, nn.Conv2d)]
        dense = [part for part in self.modules() if isinstance(part, nn.Linear)]
        x = F.max_pool2d(F.relu(convolutions[0](x)), 2)
        x = F.max_pool2d(F.relu(convolutions[1](x)), {window}){turn}.flatten(1)
        for layer in dense[:-1]:
            x = F.relu(layer(x))
        return dense[-1](x)
"""
CAPPED = """
import torch.nn.functional as F

def conv2d(x, weight, bias=None, stride=1, padding=0):
    pair = (padding, padding) if isinstance(padding, int) else padding
    return F.conv2d(x, weight, bias, stride, tuple(min(number, 1) for number in pair))
"""
ROUNDED = """
from hw_cnn import metrics

right = metrics.topk_error

def topk_error(logits, targets, ks=(1, 5)):
    return {k: round(error, 2) for k, error in right(logits, targets, ks).items()}
"""
VIEWED = """
import torch.nn.functional as F

def conv2d(x, weight, bias=None, stride=1, padding=0):
    kernels = weight.view(len(weight), -1)
    return F.conv2d(x, kernels.reshape(weight.shape), bias, stride, padding)
"""
IN_TRAINING = """
from hw_cnn.models import seminar

class SeminarCNN(seminar.SeminarCNN):
    def forward(self, x):
        logits = super().forward(x)
        return logits.softmax(1) if self.training else logits
"""
OF_ALL_CHANNELS = 'x = x.mean(1, keepdim=True).expand_as(x) if mode == "mean" else x'
MISTAKES = {
    "padding at most one": ("F1", CAPPED),
    "view of kernels": ("F1", VIEWED),
    "default stride two": ("G1", WINDOWS.format(body="stride = 2 if stride is None else stride")),
    "mean over channels": ("G1", WINDOWS.format(body=OF_ALL_CHANNELS)),
    "maximum from minus one": ("G1", WINDOWS.format(body='x = x.clamp(min=-1) if mode == "max" else x')),
    "transposed before flatten": ("I1", NETWORK.format(window="2", turn=".transpose(2, 3)")),
    "overlapping windows": ("I1", NETWORK.format(window="3, 2, 1", turn="")),
    "softmax in training": ("I1", IN_TRAINING),
    "rounded": ("J1", ROUNDED),
}


@pytest.mark.parametrize(("name", "source"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes_that_nobody_planted_are_caught(
    name: str, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each passed all public tests of the seminar's homework once, and lost points."""
    task, namespace = SEMINAR.manifest.task(name), {"__name__": "mistake"}
    exec(source, namespace)
    (symbol,) = task.tops
    monkeypatch.setattr(importlib.import_module(symbol.module), symbol.name, namespace[symbol.name])
    assert any(failures(SEMINAR, task, SEMINAR.student()).values())


FUNCTIONS = [
    SEMINAR.manifest.task(name) for name in ("B1", "C1", "D2", "F1", "F5", "D4", "D5", "G1", "G2", "J1", "X1")
]


@pytest.mark.parametrize("task", FUNCTIONS, ids=lambda task: task.id)
@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_odd_answers_of_the_seminar_fail_in_words(
    task: Task, garbage: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace(task, garbage, monkeypatch)
    assert any(failures(SEMINAR, task, SEMINAR.student()).values())  # any other exception would end this test


@pytest.mark.parametrize(
    ("name", "test"),
    [
        ("c1_even_accepted", "test_value_errors"),
        ("d2_no_value_error", "test_too_large"),
        ("j1_no_value_error", "test_too_large"),
    ],
)
def test_a_missing_exception_is_told_so(name: str, test: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (bug,) = [variant for variant in SEMINAR.variants if variant.id == name]
    task = SEMINAR.manifest.task(bug.task)
    support.install(SEMINAR.folder, task, bug, monkeypatch)
    said = str(failures(SEMINAR, task, SEMINAR.student())[test])
    assert "исключения нет" in said
    assert "no exception, expected ValueError" in said


NOTHING_LOGGED = """
from hw_cnn import classifier

class Classifier(classifier.Classifier):
    def validation_step(self, batch, batch_idx):
        return self(batch[0])
"""


def test_nothing_logged_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    task, namespace = SEMINAR.manifest.task("K2"), {"__name__": "mistake"}
    exec(NOTHING_LOGGED, namespace)
    (symbol,) = task.tops
    monkeypatch.setattr(importlib.import_module(symbol.module), symbol.name, namespace[symbol.name])
    said = str(failures(SEMINAR, task, SEMINAR.student())["test_accuracy"])
    assert "не записано ничего" in said
    assert "nothing was logged" in said


def test_networks_that_are_written_anew_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    task, namespace = SEMINAR.manifest.task("I1"), {"__name__": "right"}
    exec(NETWORK.format(window="2", turn=""), namespace)
    (symbol,) = task.tops
    monkeypatch.setattr(importlib.import_module(symbol.module), symbol.name, namespace[symbol.name])
    assert not any(failures(SEMINAR, task, SEMINAR.student()).values())
