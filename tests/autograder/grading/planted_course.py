"""A reference of a few lines with bugs of one, and what a student's code would have answered to a test's requests."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course.manifest import Manifest
from autograder.course.variants import Variant
from autograder.grading.diagnosis import Diagnostician, Seen
from autograder.grading.verdicts.stand_ins import PlantedBug, StandIns
from autograder.remote.failures import StudentFailure
from autograder.remote.student import Student
from autograder.sandbox.runner.executor import Executor
from autograder.sandbox.runner.in_process import InProcess
from tests.autograder.manifests import plain

REFERENCE = """
import torch
from torch import nn

def answer(x, *rest, **settings):
    if settings.get("k", 0) > 9:
        raise ValueError("k is too large")
    return 2 * x

def other(x):
    return 3 * x

class Net(nn.Module):
    def __init__(self, width=2):
        super().__init__()
        self.first = nn.Linear(3, width)
        self.last = nn.Linear(width, 3)
    def forward(self, x):
        return self.last(torch.relu(self.first(x)))
"""
MODULE = "planted_reference"
Ask = Callable[[Student], object]


def function(body: str, name: str = "answer") -> str:
    return f"import torch\n\ndef {name}(x, *rest, **settings):\n    {body}\n"


def source_of(text: str) -> str:
    """A source as it is, or the body of `answer`."""
    return text if "\n" in text else function(text)


def variant(name: str, task: str = "A1", kind: str = "bug") -> Variant:
    what = {"ru": f"ошибка {name}", "en": f"mistake {name}"}
    return Variant.model_validate({"id": name, "task": task, "kind": kind, "what": what})


def in_process() -> InProcess:
    return InProcess(Executor())


def manifest() -> Manifest:
    """A1 asks for `answer` and `Net`, B1 for `other`."""
    data = plain()
    data["tasks"][0]["symbols"] = [f"{MODULE}:answer", f"{MODULE}:Net"]
    data["tasks"][1]["symbols"] = [f"{MODULE}:other"]
    return Manifest.model_validate(data)


@dataclass
class Course:
    """An assignment with this reference in a folder."""

    folder: Path
    manifest: Manifest

    def __call__(self, **bugs: str) -> Diagnostician:
        """Plant bugs: id -> source, or the body of `answer`; what stands behind two underscores is a spelling."""
        self.plant(**bugs)
        names = [name for name in bugs if "__" not in name]
        return Diagnostician(self.folder, self.manifest, [variant(name) for name in names])

    def plant(self, **bugs: str) -> None:
        for name, text in bugs.items():
            (self.folder / "wrong" / f"{name}.py").write_text(source_of(text), encoding="utf-8")

    @contextlib.contextmanager
    def student(self, text: str, task: str = "A1") -> Iterator[Student]:
        """Code in the place of the reference: a source, or the body of `answer`."""
        path = self.folder / "student.py"
        path.write_text(source_of(text), encoding="utf-8")
        stand_ins = StandIns(in_process, self.manifest)
        stand_ins.choose(PlantedBug(variant("student", task), path, self.manifest.task(task).tops))
        with contextlib.closing(stand_ins):
            stand_ins.student.begin_test()
            yield stand_ins.student

    def seen(self, text: str, *asks: Ask, failed: bool = True, task: str = "A1") -> Seen:
        """A test that asks the student's code these things; what fails is an answer, too."""
        with self.student(text, task) as student:
            for ask in asks:
                with contextlib.suppress(StudentFailure):
                    ask(student)
            return Seen(failed, student.transcript)


def call(*args: Any, **kwargs: Any) -> Ask:
    """A call of `answer`."""
    return lambda student: student.answer(*args, **kwargs)
