"""The smallest call that a student's code answers wrongly in the same way, found with a bounded number of calls."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

import hw_cnn.layers.convolution
import hw_cnn.layers.pooling
from autograder.course.manifest import load_manifest
from autograder.grading.examples.shrinking import MOST_STEPS, Shrinker, kind_of
from autograder.grading.examples.small_calls import Call
from autograder.grading.verdicts.reference import reference_student
from autograder.grading.verdicts.replays import answer_of, replay
from autograder.remote.failures import StudentError
from autograder.remote.records import CallRecord
from autograder.remote.student import Student
from autograder.sandbox.runner.in_process import InProcess
from autograder.student.public_tests import OwnExecutor

MANIFEST = load_manifest(Path(__file__).parents[4] / "assignments" / "seminar_cnn")
CONV2D, POOL2D = hw_cnn.layers.convolution.conv2d, hw_cnn.layers.pooling.pool2d
# From a seed of their own: by chance a small call may have equal images, and its example is a larger one then.
NUMBERS = torch.Generator().manual_seed(0)
IMAGES, KERNELS = (torch.randn(shape, generator=NUMBERS) for shape in ((2, 3, 8, 8), (4, 3, 3, 3)))


class Asked:
    """A student's code in this process, and how often it was called."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, own: Callable[..., Any], name: str = "conv2d"
    ) -> None:
        self.num_calls = 0

        def counted(*args: Any, **kwargs: Any) -> Any:
            self.num_calls += 1
            return own(*args, **kwargs)

        module = hw_cnn.layers.convolution if name == "conv2d" else hw_cnn.layers.pooling
        monkeypatch.setattr(module, name, counted)
        self.student: Student = reference_student(MANIFEST)
        self.student.begin_test()

    def record(
        self, name: str, *args: Any, options: dict[str, Any] | None = None, **kwargs: Any
    ) -> CallRecord:
        """What a test's call left in the records."""
        function = getattr(self.student, name)
        with contextlib.suppress(StudentError):
            (function if options is None else function.options(**options))(*args, **kwargs)
        self.num_calls = 0
        return self.student.calls[-1]


def smallest(asked: Asked, record: CallRecord, reference: Any = CONV2D, most_calls: int = 64) -> Call | None:
    right = replay(reference, record)
    assert right is not None
    return Shrinker(asked.student, most_calls).smallest(reference, record, right)


def shapes(call: Call | None) -> list[tuple[int, ...]]:
    assert call is not None
    return [tuple(value.shape) for value in call.record.args if isinstance(value, Tensor)]


def flipped(x: Tensor, w: Tensor, b: Any = None, stride: Any = 1, padding: Any = 0) -> Tensor:
    return F.conv2d(x, w.flip(2, 3), b, stride, padding)


def first_channel(x: Tensor, w: Tensor, b: Any = None, stride: Any = 1, padding: Any = 0) -> Tensor:
    return F.conv2d(x[:, :1], w[:, :1], b, stride, padding)


def last_image_twice(x: Tensor, w: Tensor, b: Any = None, stride: Any = 1, padding: Any = 0) -> Tensor:
    out = F.conv2d(x, w, b, stride, padding)
    return torch.cat([out[:1], out[:1].expand(len(out) - 1, -1, -1, -1)])


def no_stride(x: Tensor, w: Tensor, b: Any = None, stride: Any = 1, padding: Any = 0) -> Tensor:
    return F.conv2d(x, w, b, 1, padding)


def as_float32(x: Tensor, w: Tensor, b: Any = None, stride: Any = 1, padding: Any = 0) -> Tensor:
    return F.conv2d(x, w, b, stride, padding).float()


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        (flipped, [(1, 1, 3, 3), (1, 1, 2, 2)]),
        (no_stride, [(1, 1, 3, 3), (1, 1, 2, 2)]),
        (first_channel, [(1, 2, 3, 3), (1, 2, 2, 2)]),
        (last_image_twice, [(2, 1, 3, 3), (1, 1, 2, 2)]),
    ],
)
def test_the_least_shape_that_shows_it(
    monkeypatch: pytest.MonkeyPatch, own: Callable[..., Tensor], expected: list[tuple[int, ...]]
) -> None:
    asked = Asked(monkeypatch, own)
    call = smallest(asked, asked.record("conv2d", IMAGES, KERNELS, stride=2))
    assert shapes(call) == expected
    assert call is not None
    assert isinstance(call.right, tuple)
    for tensor in (*call.record.args, call.record.out, call.right[0]):
        assert tensor.equal(tensor.round())
    assert kind_of((call.record.out, None), call.right) in ("values", "shape")
    # The ladder, then each of seven groups of axes once.
    assert asked.num_calls <= MOST_STEPS + 1 + 7


def test_the_same_on_a_resubmission(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for _ in range(2):
        asked = Asked(monkeypatch, flipped)
        call = smallest(asked, asked.record("conv2d", IMAGES, KERNELS))
        assert call is not None
        found.append([tensor.tolist() for tensor in (*call.record.args, call.record.out)])
    assert found[0] == found[1]


def test_it_stays_the_same_kind_of_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(monkeypatch, as_float32)
    call = smallest(asked, asked.record("conv2d", IMAGES.double(), KERNELS.double()))
    assert call is not None
    assert isinstance(call.right, tuple)
    assert (call.record.out.dtype, call.right[0].dtype) == (torch.float32, torch.float64)


def test_an_error_stays_the_same_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def one_image(x: Tensor, *more: Any, **options: Any) -> Tensor:
        if len(x) > 1:
            raise IndexError("one image at a time")
        return F.conv2d(x, *more, **options)

    asked = Asked(monkeypatch, one_image)
    call = smallest(asked, asked.record("conv2d", IMAGES, KERNELS))
    assert shapes(call) == [(2, 1, 3, 3), (1, 1, 2, 2)]
    assert call is not None
    assert isinstance(call.record.failure, StudentError)
    assert call.record.failure.kind == "IndexError"


def test_a_gradient(monkeypatch: pytest.MonkeyPatch) -> None:
    def detached(x: Tensor, w: Tensor, b: Any = None, **options: Any) -> Tensor:
        return F.conv2d(x.detach(), w, b, **options)

    asked = Asked(monkeypatch, detached)
    options = {"requires_grad": (0, 1), "upstream": torch.randn(2, 4, 6, 6), "want": ("out", "grads")}
    call = smallest(asked, asked.record("conv2d", IMAGES, KERNELS, options=options))
    assert shapes(call) == [(1, 1, 3, 3), (1, 1, 2, 2)]


def test_negative_numbers_stay_negative(monkeypatch: pytest.MonkeyPatch) -> None:
    def not_below_zero(x: Tensor, kernel_size: Any, *more: Any, **options: Any) -> Tensor:
        return POOL2D(x, kernel_size, *more, **options).clamp_min(0)

    asked = Asked(monkeypatch, not_below_zero, "pool2d")
    call = smallest(asked, asked.record("pool2d", -1 - torch.rand(2, 3, 6, 6), 2), POOL2D)
    assert shapes(call) == [(1, 1, 3, 3)]
    assert call is not None
    assert bool((call.record.args[0] < 0).all())


def test_where_nothing_smaller_shows_it_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def only_large(x: Tensor, w: Tensor, *more: Any, **options: Any) -> Tensor:
        return F.conv2d(x, w, *more, **options) + (x.shape == IMAGES.shape and w.shape == KERNELS.shape)

    asked = Asked(monkeypatch, only_large)
    assert smallest(asked, asked.record("conv2d", IMAGES, KERNELS)) is None
    num_groups = 7  # rows, channels, two sides, filters, two sides of the kernels
    assert MOST_STEPS + 1 < asked.num_calls <= MOST_STEPS + 1 + 2 * num_groups


def test_the_number_of_calls_is_bounded_over_all_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(monkeypatch, first_channel)
    record = asked.record("conv2d", IMAGES, KERNELS)
    shrinker = Shrinker(asked.student, most_calls=3)
    right = replay(CONV2D, record)
    assert right is not None
    assert shrinker.smallest(CONV2D, record, right) is not None
    assert asked.num_calls == 3
    assert shrinker.smallest(CONV2D, record, right) is None
    assert asked.num_calls == 3
    shrinker.begin_task("G1")
    assert shrinker.smallest(CONV2D, record, right) is not None, "the next task has as many"
    assert asked.num_calls == 6
    shrinker.begin_task("G1")
    assert shrinker.smallest(CONV2D, record, right) is None


def test_where_no_small_call_shows_it_each_axis_is_shortened_for_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A bias that is added to the columns stops only where there are more columns than filters."""

    def along_columns(x: Tensor, w: Tensor, b: Any = None, stride: Any = 1, padding: Any = 0) -> Tensor:
        return F.conv2d(x, w, None, stride, padding) + b

    asked = Asked(monkeypatch, along_columns)
    call = smallest(asked, asked.record("conv2d", torch.randn(2, 3, 11, 11), KERNELS, torch.randn(4)))
    assert call is not None
    assert call.num_numbers < 200
    assert asked.num_calls <= 20


@pytest.mark.parametrize(
    ("answer", "right", "kind"),
    [
        ((torch.ones(2), None), (torch.ones(2), None), ""),
        ((torch.ones(2), None), (torch.zeros(2), None), "values"),
        ((torch.ones(3), None), (torch.zeros(2), None), "shape"),
        ((torch.ones(2).double(), None), (torch.ones(2), None), "dtype"),
        ((None, None), (torch.ones(2), None), "value NoneType"),
        ((torch.ones(2), (torch.ones(1),)), (torch.ones(2), (torch.zeros(1),)), "gradient"),
        ("TypeError", (torch.ones(2), None), "error TypeError"),
        ((torch.ones(2), None), "ValueError", "no error"),
        ("ValueError", "ValueError", ""),
    ],
)
def test_kinds_of_differences(answer: Any, right: Any, kind: str) -> None:
    assert kind_of(answer, right) == kind


TWO_LINES = """
import torch
import torch.nn.functional as F

def conv2d(x, weight, bias=None, stride=1, padding=0):
    if x.shape[3] < 6:
        raise RuntimeError("small")
    if stride != 1:
        raise RuntimeError("stride")
    out = F.conv2d(x, weight, bias, stride, padding)
    return out[..., :-1]
"""


@pytest.mark.parametrize(
    ("options", "way"),
    [({"stride": 2}, "error RuntimeError"), ({}, "shape")],
    ids=["another line", "a shape"],
)
def test_a_smaller_call_fails_as_the_first_one_did(
    monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], way: str
) -> None:
    """In a worker, where lines are known: small images raise another exception, of the same type."""
    own: dict[str, Any] = {}
    exec(compile(TWO_LINES, "<ipython-input-1>", "exec"), own)
    monkeypatch.setattr(hw_cnn.layers.convolution, "conv2d", own["conv2d"])
    symbols = [symbol for task in MANIFEST.tasks for symbol in task.tops]
    student = Student(lambda: InProcess(OwnExecutor()), symbols, MANIFEST.limits)
    student.begin_test()
    with contextlib.suppress(StudentError):
        student.conv2d(IMAGES, KERNELS, **options)
    record = student.calls[-1]
    right = replay(CONV2D, record)
    assert right is not None
    call = Shrinker(student).smallest(CONV2D, record, right)
    assert shapes(call) == [(1, 1, 3, 6), (1, 1, 2, 2)]
    assert call is not None
    assert kind_of(answer_of(call.record), call.right) == way
    if record.failure is not None:
        assert str(call.record.failure).endswith("RuntimeError: stride")


def test_numbers_that_are_not_finite_are_wrong_in_a_way_of_their_own() -> None:
    right = (torch.ones(2), None)
    assert kind_of((torch.tensor([1.0, 2.0]), None), right) == "values"
    assert kind_of((torch.tensor([1.0, float("nan")]), None), right) == "not finite"
