"""The example of the `Classifier`: its loss on three rows, else a step of its optimizer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch.nn.functional as F
from torch import Tensor, optim

import hw_cnn.classifier
from autograder.course.manifest import load_manifest
from autograder.grading.examples.losses import ROWS, example_of_classifier, is_classifier
from autograder.grading.verdicts.reference import reference_student
from autograder.results.grade import Example

MANIFEST = load_manifest(Path(__file__).parents[4] / "assignments" / "seminar_cnn")


def example(monkeypatch: pytest.MonkeyPatch, seed: int = 1, **methods: Callable[..., Any]) -> Example | None:
    """Of a `Classifier` with these methods of a student's."""
    for name, method in methods.items():
        monkeypatch.setattr(hw_cnn.classifier.Classifier, name, method)
    student = reference_student(MANIFEST)
    student.begin_test()
    return example_of_classifier(student, seed, "en")


def softmax_first(self: Any, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
    return F.cross_entropy(self(batch[0]).softmax(1), batch[1])


def in_a_dictionary(self: Any, batch: tuple[Tensor, Tensor], batch_idx: int) -> dict[str, Tensor]:
    return {"loss": F.cross_entropy(self(batch[0]), batch[1])}


def sgd(self: Any) -> optim.Optimizer:
    return optim.SGD(self.parameters(), lr=self.learning_rate)


def test_a_right_classifier_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert example(monkeypatch) is None
    assert example(monkeypatch, training_step=in_a_dictionary) is None


def test_the_loss_on_three_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    found = example(monkeypatch, training_step=softmax_first)
    assert found is not None
    assert [grid.title("en") for grid in found.arrays] == ["logits", "labels", "got: loss", "expected: loss"]
    logits, labels, got, expected = found.arrays
    assert len(logits.parts[0].rows) == labels.shape[0] == ROWS
    assert all(isinstance(number, int) for row in logits.parts[0].rows for number in row)
    assert found.got != found.expected
    assert (got.num_marked, expected.num_marked) == (1, 1)
    assert found == example(monkeypatch), "the same on a resubmission"
    assert found != example(monkeypatch, seed=2)


def test_a_step_of_the_optimizer_where_the_loss_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    found = example(monkeypatch, configure_optimizers=sgd)
    assert found is not None
    assert "learning_rate=0.1" in found.call
    assert [grid.title("en") for grid in found.arrays][1:3] == ["gradient", "got: weights after the step"]


def test_which_task_it_is() -> None:
    assert [task.id for task in MANIFEST.tasks if is_classifier(task)] == ["K2"]
