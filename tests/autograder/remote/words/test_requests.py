"""The request to a network or a `Classifier` that failed, in words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

import hw_cnn.classifier
import hw_cnn.models.alexnet
import hw_cnn.models.seminar
from autograder.course.manifest import Task, load_manifest
from autograder.grading.examples.example import References
from autograder.grading.examples.explainer import Explainer
from autograder.remote.failures import StudentFailure
from autograder.remote.student import Student
from autograder.remote.words.requests import failed_request
from autograder.sandbox.runner.executor import Executor
from autograder.sandbox.runner.in_process import InProcess
from autograder.text import LANGS, has_russian

MANIFEST = load_manifest(Path(__file__).parents[4] / "assignments" / "seminar_cnn")
SYMBOLS = [symbol for task in MANIFEST.tasks for symbol in task.tops]
IMAGES = torch.zeros(2, 1, 20, 20)


def fail(*_: Any, **__: Any) -> Any:
    raise AttributeError("lr")


@pytest.fixture
def student() -> Student:
    student = Student(lambda: InProcess(Executor()), SYMBOLS, MANIFEST.limits)
    student.begin_test()
    return student


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the student's works but the making."""
    monkeypatch.setattr(hw_cnn.models.seminar.SeminarCNN, "forward", fail)
    for name in ("training_step", "validation_step", "test_step", "configure_optimizers"):
        monkeypatch.setattr(hw_cnn.classifier.Classifier, name, fail)


def failure_of(ask: Callable[[Student], Any], student: Student) -> StudentFailure:
    with pytest.raises(StudentFailure) as caught:
        ask(student)
    return caught.value


def classifier(student: Student) -> Any:
    return student.tiny_classifier(4, 3, learning_rate=0.1)


BATCH = (torch.zeros(5, 1, 2, 2), torch.zeros(5, dtype=torch.long))


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (
            lambda student: student.predict(student.SeminarCNN(image_size=20), IMAGES),
            "SeminarCNN(image_size=20), then forward of images (2, 1, 20, 20)",
        ),
        (
            lambda student: student.predict(student.SeminarCNN(1), torch.zeros(5, 1, 28, 28), batch_size=2),
            "SeminarCNN(1), then forward of images (2, 1, 28, 28)",
        ),
        (
            lambda student: student.SeminarCNN(preset="hse")(IMAGES),
            "SeminarCNN(preset='hse'), then forward of images (2, 1, 20, 20)",
        ),
        (
            lambda student: student.SeminarCNN()(torch.zeros(3, 4)),
            "SeminarCNN(), then forward of an input (3, 4)",
        ),
        (
            lambda student: student.parameter_gradients(student.SeminarCNN(), IMAGES, torch.zeros(2, 10)),
            "SeminarCNN(), then forward of images (2, 1, 20, 20), and backward",
        ),
        (
            lambda student: student.layer_calls(student.SeminarCNN(), IMAGES),
            "SeminarCNN(), then forward of images (2, 1, 20, 20)",
        ),
        (
            lambda student: classifier(student).call("training_step", BATCH, 0),
            "Classifier(a model, num_classes=3, learning_rate=0.1), then "
            "training_step((a tensor (5, 1, 2, 2), a tensor (5,)), 0)",
        ),
        (
            lambda student: student.train_steps(classifier(student), 1, BATCH, ("sgd", 1.0)),
            "Classifier(a model, num_classes=3, learning_rate=0.1), then "
            "training_step of the batch (a tensor (5, 1, 2, 2), a tensor (5,))",
        ),
        (
            lambda student: student.optimizer_steps(classifier(student), [{}]),
            "Classifier(a model, num_classes=3, learning_rate=0.1), then a step of the optimizer from "
            "configure_optimizers()",
        ),
        (
            lambda student: student.evaluate(
                student.tiny_classifier(4, 3), *BATCH, batch_size=4, stage="test"
            ),
            "Classifier(a model, num_classes=3), then Trainer.test of images (5, 1, 2, 2) in batches of 4",
        ),
    ],
)
def test_what_was_asked_and_how_the_object_was_made(
    student: Student, ask: Callable[[Student], Any], said: str
) -> None:
    other = student.SeminarCNN(num_classes=7)  # another object, made before
    student.parameters(other)
    failure = failure_of(ask, student)
    assert failed_request(student.transcript, failure, "en") == said
    russian = failed_request(student.transcript, failure, "ru")
    assert has_russian(russian)
    assert ", затем " in russian
    assert "then" not in russian


def test_a_classifier_that_cannot_be_made(student: Student, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hw_cnn.classifier.Classifier, "__init__", fail)
    failure = failure_of(classifier, student)
    assert (
        failed_request(student.transcript, failure, "ru")
        == "Classifier(модель, num_classes=3, learning_rate=0.1)"
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (lambda net: net.get("dense"), "nn.Linear(6, 1, bias=False)"),
        (lambda net: net.get("dense").call("double"), "nn.Linear(6, 1, bias=False)"),
    ],
)
def test_a_layer_that_a_function_is_given(given: Callable[[Any], Any], said: str) -> None:
    manifest = load_manifest(Path(__file__).parents[4] / "assignments" / "convolution")
    symbols = [symbol for task in manifest.tasks for symbol in task.tops]
    student = Student(lambda: InProcess(Executor()), symbols, manifest.limits)
    student.begin_test()
    rows = [("other", "ReLU"), ("dense", "Linear", 6, 1, {"bias": False})]
    net = student.make("network", layers=rows, seed=0)
    small = torch.zeros(1, 1, 3, 2)
    failure = failure_of(
        lambda student: student.predict(student.dense_as_conv(given(net), (1, 2, 3)), small), student
    )
    found = failed_request(student.transcript, failure, "en")
    assert found == f"dense_as_conv({said}, (1, 2, 3)), then forward of images (1, 1, 3, 2)"


@pytest.mark.usefixtures("broken")
def test_where_nothing_is_said(student: Student) -> None:
    function = failure_of(lambda student: student.conv2d(IMAGES, IMAGES[:, :, :1, :1], stride="x"), student)
    net = student.SeminarCNN()
    failure = failure_of(lambda student: student.predict(net, IMAGES), student)
    for lang in LANGS:
        assert failed_request(student.transcript, function, lang) == "", (
            "a call with plain values has its grids"
        )
        assert failed_request(student.transcript, AssertionError("no"), lang) == ""
        assert failed_request(student.transcript, failure, lang) != ""
    student.begin_test()
    assert failed_request(student.transcript, failure, "en") == "", "of another test"
    net = student.SeminarCNN()
    student.transcript.stop()
    failure = failure_of(lambda student: student.predict(net, IMAGES), student)
    assert failed_request(student.transcript, failure, "en") == "", "a transcript with a gap"


def task(name: str) -> Task:
    return MANIFEST.task(name)


@pytest.mark.usefixtures("broken")
def test_the_example_of_a_network_names_its_call(student: Student) -> None:
    """The example's own, of a worker that has met no hidden test."""
    failure = failure_of(lambda student: student.predict(student.SeminarCNN(image_size=20), IMAGES), student)
    explainer = Explainer(MANIFEST, student, References(MANIFEST), lambda name: b"salt of tests", "en")
    found = explainer.example(task("I1"), failure, student.calls)
    assert found is not None
    assert found.call == "SeminarCNN(image_size=20), then forward of images (2, 1, 20, 20)"
    assert found.error.endswith("AttributeError: lr")
