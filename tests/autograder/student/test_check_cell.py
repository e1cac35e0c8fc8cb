"""`check` in a cell of a notebook: the definitions of the kernel are tested, and put back."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.student.check_cell import is_live_stub
from tests.autograder.student.support import run

KERNEL = """
import hw_cnn

def attempt(task):
    try:
        hw_cnn.check(task)
        print("RETURNED", task)
    except AssertionError as error:
        print("ASSERTION", error)

attempt("G1")
exec(SOURCE)
good = pool2d
attempt("G1")
def pool2d(*a, **k): return good(*a, **k) + 1
attempt("G1")
def pool2d(*a, **k): raise NotImplementedError("task G1")
attempt("G1")
from hw_cnn.layers import pooling
try:
    pooling.pool2d(1, 2)
except NotImplementedError:
    print("RESTORED")
"""


def test_check_in_a_kernel(bundle: Path, sources: dict[str, str]) -> None:
    done = run(bundle, code=f"SOURCE = {sources['G1']!r}\n{KERNEL}")
    assert done.returncode == 0, done.stderr
    results = [line for line in done.stdout.split("\n") if line.startswith(("RET", "ASS", "RES"))]
    assert results == [
        "ASSERTION G1: not written yet",
        "RETURNED G1",
        "ASSERTION G1: not everything passes, details above",
        "ASSERTION G1: not written yet",
        "RESTORED",
    ]
    assert "used: pool2d, from this notebook" in done.stdout
    assert "used: pool2d, from the file hw_cnn/layers/pooling.py" in done.stdout
    assert "maximum of 2x2 windows: wrong values" in done.stdout


def test_an_unknown_task_is_named(bundle: Path) -> None:
    done = run(bundle, code="import hw_cnn\nhw_cnn.check('Z9')")
    assert "there is no task 'Z9'" in done.stderr


def stub(x: int) -> int:
    raise NotImplementedError("task F1")


def work(x: int) -> int:
    if x:
        raise NotImplementedError("negative numbers")
    return len([x])


class Half:
    """One method written, one not."""

    def one(self) -> int:
        raise NotImplementedError("task A")

    def two(self) -> int:
        return len("x")


class Heir(Half):
    """Writes what was missing."""

    def one(self) -> int:
        return len("y")


@pytest.mark.parametrize(
    ("value", "methods", "expected"),
    [
        (stub, set(), True),
        (work, set(), False),
        (Half, {"one"}, True),
        (Half, {"two"}, False),
        (Half, {"one", "two"}, False),
        (Half, set(), False),
        (Heir, {"one"}, False),
        (len, set(), False),
        (3, set(), False),
    ],
)
def test_live_stubs(value: object, methods: set[str], expected: bool) -> None:
    assert is_live_stub(value, methods) is expected
