"""What the tests of the assignments share: reading an assignment's files, and grading a definition in process."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from autograder.course.manifest import Manifest, Task
from autograder.course.variants import Variant
from autograder.grading.hidden_tests import Measurement
from autograder.grading.points import score_test
from autograder.release.one_language import in_language
from autograder.remote.failures import StudentFailure
from autograder.remote.student import Student
from autograder.results.grade import Outcome
from autograder.sandbox.runner.executor import Executor
from autograder.sandbox.runner.in_process import InProcess
from autograder.text import Lang

COURSE = Path(__file__).parents[2] / "assignments"


def functions_of_tests(path: Path) -> list[ast.FunctionDef]:
    """The test functions of a file."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return [node for node in body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]


def cells(handout: str) -> Iterator[tuple[str, str]]:
    """(header, text) of each cell of a handout."""
    for part in re.split(r"^# %%", handout, flags=re.MULTILINE)[1:]:
        header, _, text = part.partition("\n")
        yield header.strip(), text


def run_handout(
    folder: Path,
    manifest: Manifest,
    until: str = "",
    *,
    lang: Lang = "en",
    space: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The namespace after the code cells before the cell of task `until`, or after all of them.

    The reference stands in place of the tasks. space: what the cells find, when they go on from an earlier run.
    """
    import matplotlib.pyplot as plt

    found: dict[str, Any] = {"__name__": "notebook"} if space is None else space
    other = 'lang="ru"' if lang == "en" else 'lang="en"'
    for header, text in cells((folder / "handout.py").read_text(encoding="utf-8")):
        if header.startswith("[markdown]") or other in header:
            continue
        if header.startswith("task="):
            name = header.split('"')[1]
            if name == until:
                break
            for symbol in manifest.task(name).tops:
                found[symbol.name] = getattr(importlib.import_module(symbol.module), symbol.name)
            continue
        exec(in_language(text, lang, header), found)
        plt.close("all")
    return found


def numbers_told(text: str, lang: Lang) -> list[str]:
    """The numbers in the prose of a cell, sorted and written alike for both languages; code in it is left out."""
    text = re.sub(r"```.*?```|`[^`]*`", "", text, flags=re.DOTALL)
    text = re.sub(r"\s*\n#\s*", " ", text).replace("{,}", "," if lang == "en" else ".").replace(r"\,", " ")
    if lang == "ru":
        text = re.sub(r"(?<=\d),(?=\d)", ".", text)
        text = re.sub(r"(?<=\d) (?=\d{3}(?!\d))", "", text)
    else:
        text = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text)
    return sorted(re.findall(r"\d+(?:\.\d+)?", text))


def hidden_module(folder: Path, task: Task) -> ModuleType:
    """The hidden tests of a task, imported."""
    return _module(folder, task, "hidden")


def public_module(folder: Path, task: Task) -> ModuleType:
    """The public tests of a task, imported."""
    return _module(folder, task, "public")


def _module(folder: Path, task: Task, kind: str) -> ModuleType:
    path = folder / kind / f"test_{task.id.lower()}.py"
    spec = importlib.util.spec_from_file_location(f"{kind}_{folder.name}_{task.id}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def make_student(manifest: Manifest) -> Student:
    """What stands in the modules of `hw_cnn`, as a hidden test sees it."""
    symbols = [symbol for task in manifest.tasks for symbol in task.tops]
    return Student(lambda: InProcess(Executor()), symbols, manifest.limits)


def points_lost(folder: Path, task: Task, student: Student, salt: int) -> dict[str, float]:
    """Hidden test -> points, for the tests that fail. Only a wrong answer or a failure of the student counts.

    Of a test with a threshold what its ramp takes off.
    """
    module, lost = hidden_module(folder, task), {}
    for number, test in enumerate(task.tests):
        student.begin_test()
        function = getattr(module, test.id.split("::")[1])
        measured = Measurement(test.threshold)
        available = {
            "student": student,
            "rng": np.random.default_rng([salt, number]),
            "small": False,
            "threshold": measured,
        }
        try:
            function(**{name: available[name] for name in inspect.signature(function).parameters})
            if test.threshold is not None:
                outcome = Outcome(test=test.id, verdict="passed", value=measured.value)
                points = score_test(test, outcome, "en").points
                if points < test.points:
                    lost[test.id] = round(test.points - points, 6)
        except (AssertionError, StudentFailure):
            lost[test.id] = test.points
        finally:
            student.free_handles()
    return lost


def definitions(folder: Path, variant: Variant) -> dict[str, object]:
    """What the file of a planted bug or a correct variant defines; it may leave out symbols of its task."""
    source = (folder / "wrong" / f"{variant.id}.py").read_text(encoding="utf-8")
    namespace: dict[str, object] = {"__name__": variant.id}
    exec(compile(source, f"{variant.id}.py", "exec"), namespace)
    return namespace


def install(folder: Path, task: Task, variant: Variant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a planted bug or a correct variant in the place of the reference, as far as it goes."""
    defined = definitions(folder, variant)
    for symbol in task.tops:
        if symbol.name in defined:
            monkeypatch.setattr(importlib.import_module(symbol.module), symbol.name, defined[symbol.name])


def assert_gets_what_it_deserves(
    folder: Path,
    task: Task,
    variant: Variant,
    student: Student,
    monkeypatch: pytest.MonkeyPatch,
    least_loss: float,
) -> None:
    """A correct variant of `task` loses nothing; a planted bug what its entry says, at least `least_loss` points."""
    install(folder, task, variant, monkeypatch)
    lost = points_lost(folder, task, student, salt=0)
    if variant.kind == "correct":
        assert lost == {}
    else:
        assert round(sum(lost.values()), 6) >= max(variant.min_points_lost, least_loss)


def assert_fails_every_test(
    folder: Path, tasks: Iterable[Task], answer: object, student: Student, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Functions that give the same `answer` to everything fail each hidden test, and break none."""
    for task in tasks:
        for symbol in task.tops:
            monkeypatch.setattr(importlib.import_module(symbol.module), symbol.name, lambda *_, **__: answer)
        assert set(points_lost(folder, task, student, salt=0)) == {test.id for test in task.tests}
