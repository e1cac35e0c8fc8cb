"""A failed test names the misconception: each planted bug is recognised in the calls of a student who has it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from autograder.course.assignment import find_assignment
from autograder.course.variants import Variant, load_variants
from autograder.grading.diagnosis import Diagnostician, Seen
from autograder.remote.failures import StudentError
from autograder.remote.records import CallRecord
from tests.autograder.grading_support import ROOT

ASSIGNMENT = find_assignment("seminar_cnn", ROOT / "assignments")
VARIANTS = load_variants(ASSIGNMENT.folder)
DIAGNOSTICIAN = Diagnostician(ASSIGNMENT.folder, ASSIGNMENT.manifest, VARIANTS)
NAMES = {"F1": "conv2d", "G1": "pool2d", "J1": "topk_error"}
# They differ from the reference only in what these calls do not show: memory layout, gradients, the type float64.
SILENT = {"in_place", "view", "detached", "no_grad", "tie", "float32"}


def calls_of(task: str) -> list[tuple[tuple[Any, ...], dict[str, Any]]]:
    """Calls that reach every setting of the task's function."""
    generator = torch.Generator().manual_seed(7)

    def randn(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator)

    if task == "F1":
        x, w, b = randn(2, 3, 7, 9), randn(4, 3, 3, 2), randn(4)
        square = (randn(2, 3, 8, 8), randn(4, 3, 3, 3), b)
        settings: list[dict[str, Any]] = [
            {}, {"stride": 2}, {"padding": 1}, {"stride": (1, 2)}, {"stride": (2, 1)}, {"padding": (2, 1)},
            {"stride": 2, "padding": 1},
        ]  # fmt: skip
        return [((x, w, b), s) for s in settings] + [(square, s) for s in settings] + [((x, w), {})]
    if task == "G1":
        x = randn(2, 3, 7, 9) - 3
        tests: list[dict[str, Any]] = [
            {}, {"stride": 1}, {"stride": 3}, {"mode": "mean"}, {"mode": "mean", "stride": 3},
        ]  # fmt: skip
        return [((y, k), s) for s in tests for y in (x, -x) for k in (2, 3, (2, 3))]
    logits, targets = randn(40, 7), torch.randint(7, (40,), generator=generator)
    return [
        ((logits, targets), {}),
        ((logits, targets), {"ks": (8,)}),
        ((logits, targets), {"ks": (2, 3)}),
        ((logits, targets), {"ks": (1, 7)}),
        ((logits[:1], targets[:1]), {"ks": (1,)}),
    ]


def record(
    task: str, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> CallRecord:
    copies = tuple(arg.clone() if isinstance(arg, torch.Tensor) else arg for arg in args)
    try:
        out = function(*copies, **kwargs)
    except Exception as error:
        return CallRecord(
            NAMES[task], args, kwargs, {}, failure=StudentError(str(error), type(error).__name__)
        )
    return CallRecord(NAMES[task], args, kwargs, {}, out=out)


def function_of(variant: Variant) -> Callable[..., Any]:
    path = ASSIGNMENT.folder / "wrong" / f"{variant.id}.py"
    namespace: dict[str, Any] = {}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), namespace)
    return namespace[NAMES[variant.task]]


def seen_of(variant: Variant) -> list[Seen]:
    function = function_of(variant)
    records = [record(variant.task, function, *call) for call in calls_of(variant.task)]
    return [Seen(True, (found,)) for found in records]


@pytest.mark.parametrize(
    "variant",
    [v for v in VARIANTS if v.task in NAMES and v.kind == "bug" and not any(word in v.id for word in SILENT)],
    ids=lambda variant: variant.id,
)
def test_a_planted_bug_is_recognised(variant: Variant) -> None:
    named = [found.bug for found in DIAGNOSTICIAN.explain(variant.task, seen_of(variant), "ru")]
    assert variant.id in named


@pytest.mark.parametrize(
    "variant",
    [v for v in VARIANTS if v.task in NAMES and v.kind == "correct"],
    ids=lambda variant: variant.id,
)
def test_a_right_answer_is_never_explained_as_a_bug(variant: Variant) -> None:
    assert DIAGNOSTICIAN.explain(variant.task, seen_of(variant), "en") == ()


def test_an_unknown_mistake_is_not_named() -> None:
    def conv2d(x: torch.Tensor, weight: torch.Tensor, bias: Any = None, **_: Any) -> torch.Tensor:
        return torch.full((2, 4, 5, 8), 0.123)

    records = [record("F1", conv2d, *call) for call in calls_of("F1")]
    assert DIAGNOSTICIAN.explain("F1", [Seen(True, tuple(records))], "en") == ()


def test_nothing_is_explained_when_nothing_failed() -> None:
    flipped = next(variant for variant in VARIANTS if variant.id == "f1_flipped")
    seen = [Seen(False, test.calls) for test in seen_of(flipped)]
    assert DIAGNOSTICIAN.explain("F1", seen, "en") == ()


def test_the_message_is_the_one_of_the_bug_in_the_language_asked() -> None:
    flipped = next(variant for variant in VARIANTS if variant.id == "f1_flipped")
    (found,) = DIAGNOSTICIAN.explain("F1", seen_of(flipped), "ru")
    assert found.message == flipped.what.ru
