"""A student whose code is loaded into a worker, and what loads other code."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograder.intake.load_plan import LoadPlan
from autograder.remote.failures import StudentError
from autograder.remote.loading import Clock, load
from autograder.remote.student import Student
from tests.autograder.remote.support import FUNCTIONS, SOURCE, SYMBOLS, Loader, piece
from tests.autograder.sandbox_support import LIMITS, Lab


@pytest.fixture
def student(lab: Lab) -> Iterator[Student]:
    binds = tuple(("notebook", name, "hw_cnn.scratch") for name in FUNCTIONS)
    plan = LoadPlan((piece(SOURCE, FUNCTIONS),), binds)
    report = load(lambda: lab().worker, plan, Clock(5.0))
    assert report.failures == {}
    unavailable = {"hw_cnn.scratch:missing": StudentError("not handed in", "NotImplementedError")}
    made = Student(report.home.connect, SYMBOLS, LIMITS, unavailable)
    made.begin_test()
    yield made
    made.close()


@pytest.fixture
def loader(lab: Lab) -> Loader:
    return Loader(lab)
