"""A passed test that was given a wrong answer says so, and nothing else does."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from autograder.grading.diagnosis import Diagnostician, Seen
from autograder.grading.verdicts.forgiven import alike, is_of_functions
from autograder.remote.failures import Reason, StudentTimeout
from autograder.remote.transcript import Turn
from tests.autograder.grading.planted_course import MODULE, REFERENCE, Course, call, manifest, variant

X = torch.arange(3.0) + 1
LOST = ("return x + 2", call(X))


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Course]:
    (tmp_path / f"{MODULE}.py").write_text(REFERENCE, encoding="utf-8")
    (tmp_path / "wrong").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    yield Course(tmp_path, manifest())
    sys.modules.pop(MODULE, None)


def forgiven(make: Course, *seen: Seen, correct: str = "") -> set[str]:
    """Numbers of the tests that are forgiven, beside one that failed. correct: a variant that is right, too."""
    variants = []
    if correct:
        make.plant(a1_ok=correct)
        variants.append(variant("a1_ok", kind="correct"))
    diagnostician = Diagnostician(make.folder, make.manifest, variants)
    named = [replace(test, test=str(number)) for number, test in enumerate(seen)]
    return set(diagnostician.forgiven("A1", named))


def test_a_passed_test_that_was_given_a_wrong_answer(make: Course) -> None:
    lost = make.seen(*LOST)
    assert forgiven(make, lost, make.seen("return x + 2", call(X), failed=False)) == {"1"}
    assert forgiven(make, lost, make.seen("return 2 * x", call(X), failed=False)) == set()
    half = "return x + 2 if len(x) == 2 else 2 * x"
    assert forgiven(make, lost, make.seen(half, call(X), call(X[:2]), failed=False)) == {"1"}


def test_where_no_test_of_the_task_failed_nothing_is_asked(make: Course) -> None:
    assert forgiven(make, make.seen("return x + 2", call(X), failed=False)) == set()


@pytest.mark.parametrize(
    "right",
    [
        "return (2 * x).double()", "return (2 * x).tolist()", "return 2.0001 * x", "return tuple(2 * x)",
        "return {'answer': 2 * x}",
    ],
)  # fmt: skip
def test_another_type_and_rounding_are_no_wrong_answer(make: Course, right: str) -> None:
    assert forgiven(make, make.seen(*LOST), make.seen(right, call(X), failed=False)) == set()


def test_an_error_where_there_is_an_answer_is_one_and_its_words_are_free(make: Course) -> None:
    lost, refused = make.seen(*LOST), "raise ValueError('never')"
    assert forgiven(make, lost, make.seen(refused, call(X), failed=False)) == {"1"}
    assert forgiven(make, lost, make.seen(refused, call(X, k=10), failed=False)) == set()
    assert forgiven(make, lost, make.seen("return 2 * x", call(X, k=10), failed=False)) == {"1"}


def test_what_a_correct_variant_answers_otherwise_is_free(make: Course) -> None:
    tests = make.seen(*LOST), make.seen("return x + 1", call(X), failed=False)
    assert forgiven(make, *tests) == {"1"}
    assert forgiven(make, *tests, correct="return x + 5") == set()
    assert forgiven(make, *tests, correct="return x + x") == {"1"}


def test_what_the_reference_draws_is_free(make: Course) -> None:
    drawn = REFERENCE.replace("return 2 * x", "return 2 * torch.rand(3)")
    (make.folder / f"{MODULE}.py").write_text(drawn, encoding="utf-8")
    assert forgiven(make, make.seen(*LOST), make.seen("return x + 2", call(X), failed=False)) == set()


def test_networks_of_the_student_are_not_asked(make: Course) -> None:
    seen = make.seen(REFERENCE, lambda student: student.Net(), failed=False)
    assert is_of_functions(seen.transcript)  # making one is a call
    asked = make.seen(REFERENCE, lambda student: student.parameters(student.Net()), failed=False)
    assert not is_of_functions(asked.transcript)
    assert forgiven(make, make.seen(*LOST), asked) == set()


def test_an_answer_that_did_not_come_is_not_wrong(make: Course) -> None:
    seen = make.seen("return 2 * x", call(X), failed=False)
    late = Turn("symbol", "answer", None, (X,), {}, None, StudentTimeout(Reason("test time")))
    seen.transcript.turns.append(late)
    assert forgiven(make, make.seen(*LOST), seen) == set()


@pytest.mark.parametrize(
    ("one", "other", "are_alike"),
    [
        (True, torch.tensor(True), True), (True, False, False), (1, 1.0, True), (0.5, torch.tensor([[0.5]]), True),
        (torch.zeros(2), torch.zeros(2, 1), False), ({1: 0.5, 5: 0.0}, {1: 0.5}, True), ({1: 0.5}, {1: 0.4}, False),
        ({"1": 0.5}, {1: 0.4}, True), ([1, 2], (1, 3), False), ("Edge ", "edge", True), ("edge", "blur", False),
        (None, torch.zeros(1), True), (float("nan"), float("nan"), True),
    ],
)  # fmt: skip
def test_numbers_and_words_count(one: Any, other: Any, are_alike: bool) -> None:
    assert alike({"out": one}, {"out": other}) is are_alike
    assert alike({"out": other, "dtype": "torch.float32"}, {"out": one}) is are_alike
