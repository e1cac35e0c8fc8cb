"""Loading: last definitions win, one statement that hangs or ends the process costs only what needs it."""

from __future__ import annotations

import pytest

from autograder.intake.load_plan import LoadPlan, Statement
from autograder.remote.failures import StudentCrashed, StudentError, StudentTimeout
from autograder.remote.loading import Clock, load
from tests.autograder.remote.support import Loader, piece

pytest_plugins = ["tests.autograder.sandbox_support"]

DOUBLE = piece("def double(x):\n    return 2 * x", ("double",))
VALUE = piece("def value():\n    return 7", ("value",))
LOOP = piece("while True:\n    pass", ("double",))
EXIT = piece("import os\nos._exit(0)", ("double",))


def test_symbols_are_bound_before_later_statements_import_them(loader: Loader) -> None:
    later = piece("from hw_cnn.layers import other\ndef value():\n    return other.four(3)", ("value",))
    report = loader(DOUBLE, later, binds=("double", "value"))
    assert report.unavailable == {}
    student = loader.student(report)
    assert student.value() == 12
    assert student.double(4) == 8
    assert loader.spawned == 1


def test_the_last_definition_wins(loader: Loader) -> None:
    again = piece("def double(x):\n    return -x", ("double",))
    assert loader.student(loader(DOUBLE, again, binds=("double",))).double(4) == -4


@pytest.mark.parametrize(
    ("bad", "kind", "timed_out", "crashed"),
    [(LOOP, StudentTimeout, True, False), (EXIT, StudentCrashed, False, True)],
)
def test_a_statement_that_ends_the_worker_is_left_out(
    loader: Loader, bad: Statement, kind: type[Exception], timed_out: bool, crashed: bool
) -> None:
    report = loader(VALUE, bad, binds=("double", "value"))
    assert (report.timed_out, report.crashed) == (timed_out, crashed)
    assert list(report.failures) == [1]
    student = loader.student(report)
    assert student.value() == 7
    with pytest.raises(kind, match="loading the code"):
        student.double(1)
    assert loader.spawned == 2


def test_an_exception_costs_the_symbols_of_its_statement(loader: Loader) -> None:
    bad = piece("scale = 1 / 0\ndef double(x):\n    return scale * x", ("double", "scale"))
    report = loader(bad, VALUE, binds=("double", "value"))
    assert isinstance(report.failures[0], StudentError)
    assert (report.timed_out, report.crashed) == (False, False)
    student = loader.student(report)
    with pytest.raises(StudentError, match="ZeroDivisionError") as caught:
        student.double(1)
    assert caught.value.kind == "ZeroDivisionError"
    assert student.value() == 7


def test_a_package_file_that_cannot_be_imported_says_so_at_each_symbol(loader: Loader) -> None:
    loader.package = {"hw_cnn/scratch.py": b"def value(:\n"}
    report = loader(DOUBLE, binds=("double",), imports=("hw_cnn.scratch",))
    student = loader.student(report)
    with pytest.raises(StudentError, match="SyntaxError"):
        student.value()
    assert student.double(1) == 2


def test_a_package_file_that_hangs_costs_one_time_out(loader: Loader) -> None:
    loader.package = {"hw_cnn/scratch.py": b"while True: pass\n"}
    report = loader(DOUBLE, binds=("double",), imports=("hw_cnn.scratch",))
    assert report.timed_out
    student = loader.student(report)
    with pytest.raises(StudentTimeout):
        student.value()
    assert student.double(1) == 2


def test_a_new_worker_is_loaded_the_same_way(loader: Loader) -> None:
    student = loader.student(loader(EXIT, DOUBLE, VALUE, binds=("double", "value")))
    assert student.double(2) == 4
    assert loader.spawned == 2
    student.renew()
    assert student.double(2) == 4
    assert student.value() == 7
    assert loader.spawned == 3


def test_too_many_statements_that_hang_end_loading(loader: Loader) -> None:
    report = loader(*[EXIT] * 6, VALUE, binds=("double", "value"))
    assert report.crashed
    student = loader.student(report)
    for call in (student.value, lambda: student.double(1)):
        with pytest.raises(StudentCrashed):
            call()


def test_two_namespaces_do_not_mix(loader: Loader) -> None:
    other = piece("factor = 5\ndef double(x):\n    return factor * x", ("double",), namespace="solution")
    note = piece("factor = 0")
    plan = LoadPlan((other, note), (("solution", "double", "hw_cnn.layers.double"),))
    report = load(loader.connect, plan, Clock(1.0))
    assert loader.student(report).double(2) == 10
