"""Data that a test hands to a student's data module, and the batches that come back."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset

from autograder.course.symbol import Symbol
from autograder.remote.failures import StudentError
from autograder.remote.student import Student
from autograder.sandbox.runner import drivers
from autograder.sandbox.runner.executor import Executor
from autograder.sandbox.runner.in_process import InProcess
from tests.autograder.sandbox_support import LIMITS

MODULE = "a_module_that_holds_a_data_module"
CPU = torch.device("cpu")
IMAGES, LABELS = torch.arange(20).reshape(10, 2).byte(), torch.arange(10)
PARTS = {"train": (IMAGES, LABELS), "test": (IMAGES[:3], LABELS[:3])}


class Data:
    """Shuffled batches of what it reads; the test part in lists."""

    def __init__(self, read: Any) -> None:
        self.read = read
        self.given: Any = None

    def setup(self, stage: str) -> None:
        self.train, self.test = self.read("train"), self.read("test")

    def train_dataloader(self) -> Any:
        return DataLoader(TensorDataset(*self.train), 4, shuffle=True)

    def test_dataloader(self) -> Any:
        return [list(self.test)] if self.given is None else self.given

    def spoil(self) -> None:
        self.read("train")[0].zero_()

    def give(self, value: Any) -> None:
        self.given = value


@pytest.fixture
def student() -> Iterator[Student]:
    module = types.ModuleType(MODULE)
    module.Data = Data  # type: ignore[attr-defined]  # a module holds what it is given
    sys.modules[MODULE] = module
    yield Student(lambda: InProcess(Executor()), [Symbol.parse(f"{MODULE}:Data")], LIMITS)
    del sys.modules[MODULE]


def ready(student: Student, **settings: Any) -> Any:
    data = student.Data(student.make("reader", parts=PARTS, **settings))
    data.call("setup", "fit")
    return data


def labels_of(passes: list[Any]) -> list[list[int]]:
    return [torch.cat([labels for _, labels in one]).tolist() for one in passes]


def test_batches_come_back_pass_by_pass(student: Student) -> None:
    found = student.passes(ready(student), "train", count=3)
    assert [[len(labels) for _, labels in one] for one in found] == [[4, 4, 2]] * 3
    assert all(torch.equal(images, IMAGES[labels]) for one in found for images, labels in one)
    orders = labels_of(found)
    assert len({tuple(order) for order in orders}) == 3
    assert [sorted(order) for order in orders] == [list(range(10))] * 3


def test_what_is_drawn_is_the_same_each_time_and_nobody_notices(student: Student) -> None:
    data = ready(student)
    before = torch.get_rng_state()
    first = labels_of(student.passes(data, "train", count=2))
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(3)
    assert labels_of(student.passes(data, "train", count=2)) == first


def test_a_batch_may_be_a_list(student: Student) -> None:
    ((batch,),) = student.passes(ready(student), "test")
    assert type(batch) is tuple
    assert torch.equal(batch[0], IMAGES[:3])


@pytest.mark.parametrize(
    ("given", "kind"), [(3, "TypeError"), ([4, 5], None), ([[]], None), ({"a": 1}, None)]
)
def test_odd_loaders_are_an_answer_or_an_error(student: Student, given: Any, kind: str | None) -> None:
    data = ready(student)
    data.call("give", given)
    if kind is None:
        assert isinstance(student.passes(data, "test")[0], list)
    else:
        with pytest.raises(StudentError) as caught:
            student.passes(data, "test")
        assert caught.value.kind == kind


def test_a_part_that_it_has_no_loader_for(student: Student) -> None:
    with pytest.raises(StudentError, match="val_dataloader"):
        student.passes(ready(student), "val")


def test_data_that_are_not_there_yet_cannot_be_read(student: Student) -> None:
    reader = student.make("reader", parts=PARTS, is_there=False)
    data = student.Data(reader)
    with pytest.raises(StudentError, match="is read too early") as caught:
        data.call("setup", "fit")
    assert caught.value.kind == "FileNotFoundError"
    reader.call("arrive")
    data.call("setup", "fit")
    assert len(labels_of(student.passes(data, "train"))[0]) == 10


def test_what_is_read_may_be_changed(student: Student) -> None:
    data = ready(student)
    data.call("spoil")
    assert torch.equal(drivers.reader(CPU, PARTS)("train")[0], IMAGES)
    data.call("setup", "fit")
    assert all(torch.equal(images, IMAGES[labels]) for images, labels in student.passes(data, "train")[0])


def test_there_is_no_other_part() -> None:
    with pytest.raises(ValueError, match="no part 'val', only 'train', 'test'"):
        drivers.reader(CPU, PARTS)("val")


def test_a_reader_is_told_by_its_words(student: Student) -> None:
    made = student.make("reader", "чтение / reading", parts=PARTS)
    assert made.made is not None
    assert made.made.said("en") == '"reading"'
    parts = made.made.arguments["parts"]
    assert isinstance(parts["train"][0], Tensor)
