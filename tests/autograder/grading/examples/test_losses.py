"""The example of the `Classifier`: its loss on three rows, what it logs, a step of its optimizer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, optim

import hw_cnn.classifier
from autograder.course.manifest import load_manifest
from autograder.grading.examples.losses import ROWS, Asked, asked_in, example_of_classifier, is_classifier
from autograder.grading.verdicts.reference import reference_student
from autograder.results.grade import Example
from autograder.text import Lang

MANIFEST = load_manifest(Path(__file__).parents[4] / "assignments" / "seminar_cnn")


def example(
    monkeypatch: pytest.MonkeyPatch,
    seed: int = 1,
    asked: Asked = "loss",
    lang: Lang = "en",
    **methods: Callable[..., Any],
) -> Example | None:
    """Of a `Classifier` with these methods of a student's."""
    for name, method in methods.items():
        monkeypatch.setattr(hw_cnn.classifier.Classifier, name, method)
    student = reference_student(MANIFEST)
    student.begin_test()
    return example_of_classifier(student, seed, lang, asked)


def softmax_first(self: Any, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
    return F.cross_entropy(self(batch[0]).softmax(1), batch[1])


def in_a_dictionary(self: Any, batch: tuple[Tensor, Tensor], batch_idx: int) -> dict[str, Tensor]:
    return {"loss": F.cross_entropy(self(batch[0]), batch[1])}


def sgd(self: Any) -> optim.Optimizer:
    return optim.SGD(self.parameters(), lr=self.learning_rate)


def test_a_right_classifier_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert example(monkeypatch, training_step=in_a_dictionary) is None
    questions: tuple[Asked, ...] = ("loss", "optimizer", "validate", "test")
    for asked in questions:
        assert example(monkeypatch, asked=asked) is None


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


def test_a_step_of_the_optimizer_with_its_call(monkeypatch: pytest.MonkeyPatch) -> None:
    found = example(monkeypatch, asked="optimizer", configure_optimizers=sgd)
    assert found is not None
    assert "learning_rate=0.1).configure_optimizers().step()" in found.call
    assert [grid.title("en") for grid in found.arrays][1:3] == ["gradient", "got: weights after the step"]


def under_another_name(self: Any, batch: tuple[Tensor, Tensor], batch_idx: int) -> None:
    self.log("valid_acc", (self(batch[0]).argmax(1) == batch[1]).float().mean())


def mean_of_batches(self: Any, batch: tuple[Tensor, Tensor], batch_idx: int) -> None:
    logits = self(batch[0])
    self.log("val_loss", F.cross_entropy(logits, batch[1]), batch_size=1)
    self.log("val_accuracy", (logits.argmax(1) == batch[1]).float().mean(), batch_size=1)


def nothing(self: Any, batch: tuple[Tensor, Tensor], batch_idx: int) -> None:
    """Logs nothing."""


def test_what_is_logged_under_another_name_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    found = example(monkeypatch, asked="validate", validation_step=under_another_name)
    assert found is not None
    assert found.got == "{'valid_acc': 0.6667}"
    assert found.expected.startswith("{'val_accuracy': 0.6667, 'val_loss': ")
    assert [grid.title("en") for grid in found.arrays] == [
        "logits",
        "labels",
        "got: logged",
        "expected: logged",
    ]
    assert [grid.other_labels for grid in found.arrays] == [(), (), (0,), (0, 1)]
    assert not any(part.marked for grid in found.arrays for part in grid.parts), "keys differ, not numbers"
    assert found.error == "Not logged: val_accuracy, val_loss; only these were logged: valid_acc."
    assert [grid.num_marked for grid in found.arrays] == [0, 0, 1, 2]
    russian = example(monkeypatch, asked="validate", lang="ru")
    assert russian is not None
    assert russian.error == "Не записано: val_accuracy, val_loss; записано: valid_acc."
    empty = example(monkeypatch, asked="validate", validation_step=nothing)
    assert empty is not None
    assert (empty.got, empty.error) == ("nothing was logged", "")


def test_a_mean_of_batches_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    found = example(monkeypatch, asked="validate", validation_step=mean_of_batches)
    assert found is not None
    assert found.arrays[2].labels == found.arrays[3].labels == ("'val_accuracy'", "'val_loss'")
    assert found.arrays[2].num_marked == 2
    assert found.error == ""


def test_what_a_test_asks_for() -> None:
    student = reference_student(MANIFEST)
    student.begin_test()
    assert asked_in(student.transcript) == "loss"
    handle = student.tiny_classifier(4, 4)
    student.optimizer_steps(handle, [])
    assert asked_in(student.transcript) == "optimizer"
    student.begin_test()
    x, y = torch.zeros(2, 1, 2, 2), torch.zeros(2, dtype=torch.int64)
    student.evaluate(student.tiny_classifier(4, 4), x, y, stage="test")
    assert asked_in(student.transcript) == "test"


def test_which_task_it_is() -> None:
    assert [task.id for task in MANIFEST.tasks if is_classifier(task)] == ["K2"]
