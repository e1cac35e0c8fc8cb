"""Every question over many students: its answer by another way, its half answers, and that no sheet is harder."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torchmetrics.functional.classification import multiclass_accuracy

from autograder.quiz.question import Numbers, Question
from autograder.quiz.questions.bank import TEMPLATES

SEEDS = range(150)
WHOLE = re.compile(r"\d+")


def asked(name: str, seed: int) -> Question:
    return TEMPLATES[name](np.random.default_rng(seed))


def in_text(question: Question) -> list[int]:
    return [int(number) for number in WHOLE.findall(question.text.en)]


def shown(question: Question, place: int) -> Tensor:
    return torch.tensor(question.tables[place].rows, dtype=torch.float64)


def whole(values: Tensor) -> Numbers:
    return tuple(Fraction(int(value)) for value in values.flatten())


def count(module: nn.Module) -> Numbers:
    return (Fraction(sum(parameter.numel() for parameter in module.parameters())),)


def output_size(question: Question) -> Numbers:
    n, _, kernel, _, stride, padding = in_text(question)
    side = nn.Conv2d(1, 1, kernel, stride, padding, device="meta")(
        torch.empty(1, 1, n, n, device="meta")
    ).shape[-1]
    return (Fraction(side),)


def dense_parameters(question: Question) -> Numbers:
    height, width, units = in_text(question)
    return count(nn.Linear(height * width, units, device="meta"))


def conv_parameters(question: Question) -> Numbers:
    channels, _, _, filters, kernel, _ = in_text(question)
    return count(nn.Conv2d(channels, filters, kernel, device="meta"))


def receptive_field(question: Question) -> Numbers:
    first, _, _, pool, _, stride, second, _, _ = in_text(question)
    x = torch.zeros(1, 1, 41, 41, dtype=torch.float64, requires_grad=True)
    ones = [torch.ones(1, 1, k, k, dtype=torch.float64) for k in (first, second)]
    # The mean, so that the gradient reaches every pixel of a window.
    out = F.conv2d(F.avg_pool2d(F.conv2d(x, ones[0]), pool, stride), ones[1])
    out[0, 0, 2, 2].backward()
    assert x.grad is not None
    return (Fraction(int((x.grad[0, 0] != 0).any(0).sum())),)


def conv1d(question: Question) -> Numbers:
    signal, kernel = shown(question, 0)[None], shown(question, 1)[None]
    return whole(F.conv1d(signal, kernel.flip(-1)))


def conv2d(question: Question) -> Numbers:
    return whole(F.conv2d(shown(question, 0)[None, None], shown(question, 1)[None, None]))


def max_pooling(question: Question) -> Numbers:
    return whole(F.max_pool2d(shown(question, 0)[None, None], 3, 2))


def top_k_error(question: Question) -> Numbers:
    labels = torch.tensor(in_text(question)[:5])
    accuracy = multiclass_accuracy(shown(question, 0), labels, num_classes=5, top_k=2, average="micro")
    return (1 - Fraction(float(accuracy)).limit_denominator(5),)


def moved_answer(question: Question) -> Numbers:
    stride, pixels = in_text(question)
    x = torch.zeros(1, 1, 80, 80, dtype=torch.float64)
    x[0, 0, 20, 20] = 1
    kernel = torch.ones(1, 1, 5, 5, dtype=torch.float64)
    rows = [
        int(F.conv2d(image, kernel, stride=stride)[0, 0].nonzero()[0, 0]) for image in (x, x.roll(pixels, 2))
    ]
    return (Fraction(rows[1] - rows[0]),)


ORACLES: dict[str, Callable[[Question], Numbers]] = {
    "output_size": output_size,
    "dense_parameters": dense_parameters,
    "conv_parameters": conv_parameters,
    "receptive_field": receptive_field,
    "conv1d": conv1d,
    "conv2d": conv2d,
    "max_pooling": max_pooling,
    "top_k_error": top_k_error,
    "moved_answer": moved_answer,
}


def test_every_question_has_an_oracle() -> None:
    assert set(ORACLES) == set(TEMPLATES)


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_answer_is_what_torch_says(name: str) -> None:
    for seed in SEEDS:
        question = asked(name, seed)
        assert question.answer == ORACLES[name](question), question


@pytest.mark.parametrize("name", TEMPLATES)
def test_marks_are_1_a_half_and_0(name: str) -> None:
    for seed in SEEDS:
        question = asked(name, seed)
        assert len(question.answer) == question.shape[0] * question.shape[1]
        assert question.mark(" ".join(map(str, question.answer))) == 1
        assert question.answer not in question.near
        assert len(set(question.near)) == len(question.near)
        for near in question.near:
            assert question.mark("; ".join(map(str, near))) == 0.5
        assert question.mark(" ".join("777777" for _ in question.answer)) == 0
        assert question.mark("  ") == 0


@pytest.mark.parametrize("name", TEMPLATES)
def test_both_languages_ask_with_the_same_numbers(name: str) -> None:
    for seed in SEEDS:
        question = asked(name, seed)
        assert WHOLE.findall(question.text.ru) == WHOLE.findall(question.text.en)


@pytest.mark.parametrize("name", TEMPLATES)
def test_students_have_numbers_of_their_own(name: str) -> None:
    drawn = {(asked(name, seed).text.en, asked(name, seed).tables) for seed in SEEDS}
    assert len(drawn) >= 9


@pytest.mark.parametrize("name", ["conv1d", "conv2d", "max_pooling"])
def test_all_have_the_same_numbers_in_another_order(name: str) -> None:
    """Nobody has more zeros or larger products than another."""
    first = [sorted(sum(table.rows, ())) for table in asked(name, 0).tables]
    for seed in SEEDS:
        assert [sorted(sum(table.rows, ())) for table in asked(name, seed).tables] == first


def test_a_half_of_the_numbers_in_their_places_is_a_half() -> None:
    question = asked("conv1d", 3)
    first, second, third = question.answer
    assert question.mark(f"{first} {second} {third + 100}") == 0.5
    assert question.mark(f"{first} {second + 100} {third + 100}") == 0
    with pytest.raises(ValueError, match="2 of 3 numbers"):  # which ones, nobody knows
        question.mark(f"{first} {second}")
