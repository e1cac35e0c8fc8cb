"""`check` in a cell of a notebook: the definitions of the kernel are tested, and put back."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.student.check_cell import is_live_stub
from tests.autograder.student.kernel.support import kernel
from tests.autograder.student.support import READY_MADE, ROOT, run

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
attempt("g1")
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
        "ASSERTION G1: not written yet (pool2d)",
        "RETURNED G1",
        'ASSERTION G1: not everything passes. For a hint: hw_cnn.hint("G1")',
        "ASSERTION G1: not written yet (pool2d)",
        "RESTORED",
    ]
    assert "used: pool2d, from this notebook" in done.stdout
    assert "not written\n" not in done.stdout
    assert "maximum of 2x2 windows: wrong values" in done.stdout


def test_check_in_a_notebook_names_the_cell_and_what_is_out_of_order(
    bundle: Path, sources: dict[str, str]
) -> None:
    first = "import hw_cnn\nimport torch"
    check = "import hw_cnn\n\nhw_cnn.check('J1')"
    # A helper of the task that a later cell takes the name of: green while the cells run in order.
    work = sources["J1"] + "\nresult = topk_error\n\ndef topk_error(*a, **k): return result(*a, **k)\n"
    cells = {"start": first, "J1": work, "J1-test": check, "plot": "result = 1"}
    with kernel(bundle) as running:
        running.save(cells)
        for name in ("start", "J1"):
            assert running.run(name, cells[name]) == ""
        said = running.run("J1-test", check)
        assert "J1: all public tests pass" in said
        assert "used: topk_error, cell In[2]" in said
        assert "!" not in said
        running.run("plot", "result = 1")
        said = running.run("J1-test", check)
    assert 'CheckFailed: J1: not everything passes. For a hint: hw_cnn.hint("J1")' in said
    assert "  ! result (read by topk_error) has its value from cell In[4]; run from top to bottom" in said


def test_a_forbidden_call_is_named_with_its_cell_and_line_and_nothing_stays_behind(bundle: Path) -> None:
    check = "import hw_cnn\n\nhw_cnn.check('F1')"
    # A ready-made convolution of the notebook's own is as it was, before and after the check.
    own = (
        "import torch, torch.nn.functional as F\n"
        "X = torch.ones(1, 1, 4, 4)\nfrom autograder.sandbox.runner.interception import INTERCEPTION\n"
        "print(float(F.conv2d(X, X)), len(INTERCEPTION._libraries), len(INTERCEPTION._replaced))"
    )
    with kernel(bundle, ids=False, file=False) as running:
        assert running.run("", READY_MADE) == ""
        said = running.run("", check)
        assert "F1: 1 of " in said
        assert "- no ready-made functions: failed" in said
        assert (
            "the points of F1 (20 points) will be withheld: the solution calls F.conv2d (cell In[1], line 4)"
            in said
        )
        assert "move the assertion out of the function" in said
        assert "CheckFailed: F1: not everything passes, details above" in said
        assert running.run("", own) == "16.0 0 0\n"
        assert running.run("", "helper = F.conv2d\n" + READY_MADE.replace("F.conv2d", "helper")) == ""
        assert "calls F.conv2d or what computes the same (cell In[4], line 5)" in running.run("", check)


def test_an_own_comparison_beside_the_task_is_fine(bundle: Path, sources: dict[str, str]) -> None:
    compare = (
        "\nimport torch\nX, W = torch.randn(1, 2, 5, 5), torch.randn(3, 2, 2, 2)\n"
        "assert torch.allclose(conv2d(X, W), torch.conv2d(X, W), atol=1e-4)\nimport hw_cnn\nhw_cnn.check('F1')"
    )
    done = run(bundle, code=sources["F1"] + compare)
    assert done.returncode == 0, done.stderr
    assert "F1: all public tests pass" in done.stdout
    assert "ready-made" not in done.stdout


def test_a_symbol_of_an_own_module_and_of_the_package(bundle: Path, sources: dict[str, str]) -> None:
    (bundle / "mine.py").write_text(sources["J1"])
    done = run(bundle, code="from mine import topk_error\nimport hw_cnn\nhw_cnn.check('J1')")
    assert "used: topk_error, from the file mine.py" in done.stdout
    (bundle / "hw_cnn" / "metrics.py").write_bytes((ROOT / "hw_cnn" / "metrics.py").read_bytes())
    done = run(bundle, code="import hw_cnn\nhw_cnn.check('J1')")
    assert "used: topk_error, from the file hw_cnn/metrics.py" in done.stdout
    assert done.returncode == 0


def test_an_unknown_task_is_named(bundle: Path) -> None:
    done = run(bundle, code="import hw_cnn\nhw_cnn.check('Z9')")
    assert "there is no task Z9 in seminar_cnn; its tasks are B1," in done.stderr


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
