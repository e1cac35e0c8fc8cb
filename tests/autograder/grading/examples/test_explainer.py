"""Which network a failed test is explained by, and what is said where several tests have one reason."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch

from autograder.course.manifest import load_manifest
from autograder.course.symbol import Symbol
from autograder.grading.examples.example import References
from autograder.grading.examples.explainer import ANSWER_IS_RIGHT, OTHER_ORDER, Explainer
from autograder.grading.verdicts.reference import reference_student
from autograder.remote.failures import StudentError
from autograder.remote.student import Student
from autograder.results.grade import Example
from autograder.sandbox.runner.executor import Executor
from autograder.sandbox.runner.in_process import InProcess

FOLDER = Path(__file__).parents[4] / "assignments" / "seminar_cnn"
MANIFEST = load_manifest(FOLDER)
HSE = {"in_channels": 2, "image_size": 20, "num_classes": 4, "preset": "hse"}
# What a test says that only asks for a property.
PROPERTY = AssertionError("another number of classes")


@pytest.fixture
def student(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Student:
    """A planted bug in a module of its own."""
    module = ModuleType("own_network")
    exec((FOLDER / "wrong" / f"{request.param}.py").read_text(encoding="utf-8"), vars(module))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    symbol = Symbol(module=module.__name__, name="SeminarCNN")
    return Student(lambda: InProcess(Executor()), [symbol], MANIFEST.limits)


def explainer(student: Student) -> Explainer:
    return Explainer(MANIFEST, student, References(MANIFEST), lambda name: b"salt of tests", "en")


def explained(student: Student, by: Explainer, *settings: dict[str, Any]) -> Example | None:
    """Of a test that made these networks and found that a property is missing."""
    student.begin_test()
    for one in settings:
        student.SeminarCNN(**one)
    return by.example(MANIFEST.task("I1"), PROPERTY, student.calls)


@pytest.mark.parametrize("student", ["i1_hse_ten_classes"], indirect=True)
def test_the_first_network_that_differs_is_shown_with_its_call(student: Student) -> None:
    found = explained(student, explainer(student), {}, {"preset": "hse"}, {**HSE, "preset": "dls"}, HSE)
    assert found is not None
    assert found.call == (
        "SeminarCNN(in_channels=2, image_size=20, num_classes=4, preset='hse')\n"
        "# shapes of the weights in their order"
    )
    assert found.got.endswith("(10, 128); 17188 parameters in all")
    assert found.expected.endswith("(4, 128); 16414 parameters in all")


@pytest.mark.parametrize("student", ["i1_hse_ten_classes"], indirect=True)
def test_where_all_networks_are_right_the_last_one_is_named(student: Student) -> None:
    found = explained(student, explainer(student), {}, {"preset": "hse"})
    assert found == Example(call="SeminarCNN(preset='hse')")


@pytest.mark.parametrize("student", ["i1_relu_last"], indirect=True)
def test_a_second_test_is_shown_the_same_place_without_its_numbers(student: Student) -> None:
    by = explainer(student)
    first, second = explained(student, by, {}), explained(student, by, {})
    assert first is not None
    assert first.arrays
    assert second == first.model_copy(update={"arrays": ()})
    third = explained(student, by, {"preset": "hse"})
    assert third is not None
    assert third.call.startswith("SeminarCNN(preset='hse')(image)")
    assert third.arrays


@pytest.mark.parametrize("student", ["i1_hse_no_activation"], indirect=True)
def test_a_network_that_could_not_be_made_is_shown_with_its_error(student: Student) -> None:
    by = explainer(student)
    student.begin_test()
    with pytest.raises(StudentError):
        student.SeminarCNN(preset="unknown")
    # The reference refuses it, too: nothing is wrong with that.
    assert by.example(MANIFEST.task("I1"), PROPERTY, student.calls) is None


def test_where_every_answer_is_right_the_last_call_is_named() -> None:
    right = reference_student(MANIFEST)
    right.begin_test()
    x, w = torch.ones(1, 1, 3, 3), torch.ones(1, 1, 2, 2)
    right.conv2d(x, w, stride=2)
    right.conv2d(x, w, padding=1)
    found = explainer(right).example(MANIFEST.task("F1"), PROPERTY, right.calls)
    assert found is not None
    assert found.call == f"conv2d(x, weight, padding=1)  # {ANSWER_IS_RIGHT.en}"
    assert (found.got, found.expected, found.error, found.arrays) == ("", "", "", ())


def test_another_order_of_keys_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("own_errors")
    source = "def topk_error(logits, targets, ks=(1, 5)):\n    return {k: 0.0 for k in reversed(ks)}\n"
    exec(source, vars(module))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    symbol = Symbol(module=module.__name__, name="topk_error")
    own = Student(lambda: InProcess(Executor()), [symbol], MANIFEST.limits)
    own.begin_test()
    own.topk_error(torch.eye(3), torch.arange(3), ks=(1, 2))
    found = explainer(own).example(MANIFEST.task("J1"), PROPERTY, own.calls)
    assert found is not None
    assert found.call.endswith(f"# {OTHER_ORDER.en}")
    assert (found.got, found.expected) == ("2, 1", "1, 2")
