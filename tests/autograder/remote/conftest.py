"""A student whose code is in a worker, what loads other code, and a session over workers that answer as told."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from autograder.intake.load_plan import LoadPlan
from autograder.remote import session as session_module
from autograder.remote.failures import StudentError
from autograder.remote.loading import Clock, load
from autograder.remote.session import Session
from autograder.remote.student import Student
from tests.autograder.remote.support import FUNCTIONS, SOURCE, SYMBOLS, Loader, piece
from tests.autograder.remote.told_workers import Line, ToldClock
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


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    clock = ToldClock()
    monkeypatch.setattr(session_module, "time", SimpleNamespace(monotonic=clock))
    return Line(clock)


@pytest.fixture
def session(line: Line) -> Session:
    return line.start()
