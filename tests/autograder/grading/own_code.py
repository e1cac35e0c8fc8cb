"""Hidden tests of the seminar and a student's source, both in this process: what a page shows of a mistake."""

from __future__ import annotations

import dataclasses
import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest

from autograder.course.manifest import load_manifest
from autograder.grading.examples.example import References
from autograder.grading.hidden_tests import Case, HiddenTests, serve_hidden_tests
from autograder.remote.student import Student
from autograder.results.grade import Outcome
from autograder.sandbox.runner.executor import Executor
from autograder.sandbox.runner.in_process import InProcess
from autograder.text import Lang

SEMINAR = Path(__file__).parents[3] / "assignments" / "seminar_cnn"
MODULE = "own_code_of_a_student"


def outcomes(
    monkeypatch: pytest.MonkeyPatch, source: str, tests: Sequence[str], lang: Lang = "en"
) -> dict[str, Outcome]:
    """Test -> what came of it. source: Python that defines what the tests ask for; the rest is the reference's."""
    module = ModuleType(MODULE)
    monkeypatch.setitem(sys.modules, MODULE, module)
    exec(compile(source, "solution.py", "exec"), vars(module))
    manifest = load_manifest(SEMINAR)
    symbols = [
        dataclasses.replace(symbol, module=MODULE) if hasattr(module, symbol.name) else symbol
        for task in manifest.tasks
        for symbol in task.tops
    ]

    def student() -> Student:
        return Student(lambda: InProcess(Executor()), symbols, manifest.limits)

    case = Case(manifest, student(), lambda name: hashlib.sha256(name.encode()).digest()[:16], lang)

    def serve(hidden: HiddenTests) -> None:
        hidden.run(case, tests)
        hidden.add_examples(case, student(), References(manifest))

    _forget_hidden_modules()  # pytest would take one of that name from another assignment
    serve_hidden_tests(SEMINAR, manifest, serve)
    _forget_hidden_modules()
    return case.outcomes


def _forget_hidden_modules() -> None:
    for path in (SEMINAR / "hidden").glob("test_*.py"):
        sys.modules.pop(path.stem, None)
