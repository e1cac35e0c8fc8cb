"""Where a public test wants an answer, and the student's own code raises an exception."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from autograder.remote.failures import StudentError
from autograder.sandbox.runner.tracebacks import describe, remember_source
from autograder.student.seen.refusals import is_own_refusal
from autograder.text import Text
from tests.autograder.student.support import run, write

TESTS = """
import contextlib
import pytest

def wants_an_answer(call):
    try:
        first = 1
    finally:
        call()

def waits_for_another(call):
    try:
        call()
    except Exception as error:
        if error.kind != "KeyError":
            raise

def raises_another(call):
    with pytest.raises(KeyError):
        call()

def suppresses_another(call):
    with contextlib.suppress(KeyError):
        call()

def within(call):
    with contextlib.nullcontext():
        wants_an_answer(call)
"""
SOURCE = """
import torch

def refuse(n):
    raise ValueError(
        f"{n} does not fit")

def refuse_in_line(n):
    if n: raise ValueError("no")

def assert_it(n):
    assert n < 0, "no"

def slip(n):
    return [1][n]  # raise

def of_torch(n):
    return torch.stack([])

def unwritten(n):
    raise NotImplementedError("task I1")

def through(n):
    return refuse(n)
"""


@pytest.fixture
def tests(tmp_path: Path) -> ModuleType:
    path = tmp_path / "test_t.py"
    path.write_text(TESTS)
    spec = importlib.util.spec_from_file_location("test_t", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def student_error(name: str) -> StudentError:
    """As it comes back of a call of the student's function `name`."""
    remember_source("solution.py", SOURCE)
    namespace: dict[str, Callable[[int], object]] = {}
    exec(compile(SOURCE, "solution.py", "exec"), namespace)
    try:
        namespace[name](5)
    except Exception as error:
        said = describe(error, lambda file: file if file == "solution.py" else None)
        return StudentError(
            str(said["text"]), str(said["type"]), at=(str(said["file"]), int(said["last_line"]))
        )
    raise ValueError(f"{name} raised nothing")


def seen(tests: ModuleType, test: str, error: StudentError) -> bool:
    def call() -> None:
        raise error

    with pytest.raises(StudentError) as caught:
        getattr(tests, test)(call)
    return is_own_refusal(caught.value, Path(str(tests.__file__)))


@pytest.mark.parametrize("name", ["refuse", "refuse_in_line", "assert_it", "through"])
def test_the_students_own_exception_where_an_answer_is_wanted(tests: ModuleType, name: str) -> None:
    assert seen(tests, "wants_an_answer", student_error(name))
    assert seen(tests, "within", student_error(name))


@pytest.mark.parametrize("name", ["slip", "of_torch", "unwritten"])
def test_other_exceptions_say_themselves_what_is_wrong(tests: ModuleType, name: str) -> None:
    assert not seen(tests, "wants_an_answer", student_error(name))


@pytest.mark.parametrize("test", ["waits_for_another", "raises_another", "suppresses_another"])
def test_nothing_is_said_where_an_exception_is_expected(tests: ModuleType, test: str) -> None:
    assert not seen(tests, test, student_error("refuse"))


def test_nothing_is_said_beside_a_true_reason_or_of_what_is_no_exception(
    tests: ModuleType, tmp_path: Path
) -> None:
    cause = Text(ru="нет модуля", en="no module")
    assert not seen(tests, "wants_an_answer", student_error("refuse").because(cause))
    assert not is_own_refusal(AssertionError("no"), Path(str(tests.__file__)))
    assert not is_own_refusal(student_error("refuse"), tmp_path / "gone.py"), "an unknown test"


PADDING_ONCE = """
def out_size(n, kernel, stride=1, padding=0, dilation=1):
    window = dilation * (kernel - 1) + 1
    if window > n + padding:
        raise ValueError("window does not fit")
    return (n + 2 * padding - window) // stride + 1

def same_padding(kernel, dilation=1):
    return dilation * (kernel - 1) // 2
"""


@pytest.mark.slow
def test_check_says_so_below_the_call_and_only_there(bundle: Path) -> None:
    write(bundle, {"D2": PADDING_ONCE})
    said = run(bundle, "check", "D2").stdout
    assert "      out_size(n=4, kernel=6, padding=1)\n      there should be no error here\n" in said
    assert said.count("there should be no error here") == 1, "same_padding(2) should raise, and does not"
    assert said.count("expected ValueError") == 1
