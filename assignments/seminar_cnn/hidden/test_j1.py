"""Hidden tests of J1, `topk_error`: each looks at one property and is blind to the others.

Whether the numbers are errors is seen by `test_top1` alone. `test_topk` measures the student's number by what the same
function says when all are right and when half are (`_extremes`); the other tests compare it with itself, once it has
been seen to depend on the labels (`_check_depends`), so that a constant earns nothing. Compared is what has been asked
altogether: what is not asked tells no mistakes apart. The keys of the dictionary are
seen by `test_default_ks` alone; the others also read a dictionary with other keys, or a list, in the order of `ks`.

That `ks` is used is seen by `test_topk` and `test_too_large`: elsewhere the default ones would do, or any two of them.
Whether classes are put in order within an image, or images within a class, is seen by `test_top1` and `test_topk`.

A number may be plain, or a tensor or array that holds one. Logits are drawn from a continuous distribution: no ties.
Class 0 has a test of its own: elsewhere it has the last place but one everywhere, and is no label.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import Tensor

from autograder.remote.failures import StudentError
from autograder.testing import as_number, randn

TOLERANCE = 1e-6
KS = (1, 3)
DEFAULT_KS = (1, 5)
Ask: TypeAlias = Callable[[Tensor, Tensor, tuple[int, ...]], dict[int, float]]
"""Logits, labels, ks -> {k: error}."""


def _draw(rng, n: int | None = None, num_classes: int | None = None) -> tuple[Tensor, Tensor]:
    """Logits (n, classes), and labels half of which are the best guess."""
    n = n or int(rng.integers(30, 90))
    num_classes = num_classes or int(rng.integers(9, 16))
    logits = _class_zero_last_but_one(randn(rng, n, num_classes, dtype=torch.float32))
    y = torch.from_numpy(rng.integers(1, num_classes, n))
    return logits, torch.where(torch.from_numpy(rng.random(n) < 0.5), _at_place(logits, 0), y)


def _class_zero_last_but_one(logits: Tensor) -> Tensor:
    """In each row the logit of class 0 changes places with the least but one."""
    rows, place = torch.arange(len(logits)), _at_place(logits, -2)
    exchanged = logits.clone()
    exchanged[:, 0], exchanged[rows, place] = logits[rows, place], logits[:, 0]
    return exchanged


def _at_place(logits: Tensor, place: Tensor | int) -> Tensor:
    """The class at this place of each row: 0 is the largest logit."""
    order = logits.argsort(dim=1, descending=True)
    return order[torch.arange(len(logits)), place]


def _errors(value: object, ks: tuple[int, ...]) -> dict[int, float]:
    """The student's answer as {k: number}."""
    return {
        k: as_number(error, f"error of top {k}") for k, error in zip(ks, _in_order(value, ks), strict=True)
    }


def _in_order(value: object, ks: tuple[int, ...]) -> list[object]:
    """The answer's values for `ks`: of a dictionary by k, or by k as text, else in the order in which they stand."""
    if isinstance(value, dict):
        for keys in (ks, tuple(map(str, ks))):
            if set(keys) <= set(value):
                return [value[key] for key in keys]
        value = list(value.values())
    if isinstance(value, Tensor | np.ndarray) and value.ndim == 1:
        value = list(value)
    assert isinstance(value, list | tuple), f"the answer is a {type(value).__name__}, expected a dict"
    assert len(value) == len(ks), f"the answer has {len(value)} values, expected {len(ks)}"
    return list(value)


def _own(student, logits: Tensor, y: Tensor, ks: tuple[int, ...] = KS) -> dict[int, float]:
    return _errors(student.topk_error(logits, y, ks=ks), ks)


def _same(one: dict[int, float], other: dict[int, float]) -> bool:
    return all(abs(one[k] - other[k]) < TOLERANCE for k in one)


def _within_classes(logits: Tensor, y: Tensor, ks: tuple[int, ...]) -> dict[int, float]:
    """The answer of whoever puts the images of each class in order (dim=0)."""
    best = logits.argsort(dim=0, descending=True)
    return {k: 1 - float((best[:, :k] == y[:, None]).any(dim=1).double().mean()) for k in ks}


def _fair(draw: Callable[[], Any], passes: Callable[[Any], bool]) -> Any:
    """Drawn until it passes: what `_within_classes` gets wrong is paid for in `test_top1` and `test_topk` alone."""
    while not passes(drawn := draw()):
        pass
    return drawn


def _depends(ask: Ask, logits: Tensor) -> bool:
    """Whether the answer for labels that are all the best guess is not the one for labels that are mostly the worst.

    Not all: whoever counts nothing right would have the right answer there.
    """
    mostly = torch.where(torch.arange(len(logits)) < len(logits) // 4, 0, -1)
    return not _same(*(ask(logits, _at_place(logits, place), KS) for place in (0, mostly)))


def _check_depends(rng, student) -> None:
    """A constant answer proves nothing."""
    logits = _fair(lambda: _draw(rng)[0], partial(_depends, _within_classes))
    assert _depends(partial(_own, student), logits), "the answer does not depend on the labels"


def _extremes(ask: Ask, logits: Tensor, ks: tuple[int, ...]) -> dict[int, tuple[float, float]]:
    """k -> the numbers for all labels right, and for all wrong, the latter from half of them wrong."""
    half = torch.where(torch.arange(len(logits)) < len(logits) // 2, 0, -1)
    right, mixed = (ask(logits, _at_place(logits, place), ks) for place in (0, half))
    share = float((half < 0).double().mean())
    return {k: (right[k], right[k] + (mixed[k] - right[k]) / share) for k in ks}


def _expected(logits: Tensor, y: Tensor, k: int) -> float:
    """Share of examples whose class is not among the k largest logits."""
    best = np.argsort(-logits.numpy().astype(np.float64), axis=1)[:, :k]
    return float(np.mean([label not in row for label, row in zip(y.numpy(), best, strict=True)]))


def test_top1(rng, student):
    asked = []
    for _ in range(3):
        logits, y = _draw(rng)
        asked.append((student.topk_error(logits, y, ks=(1,)), _expected(logits, y, 1)))
    for answer, expected in asked:
        assert abs(_errors(answer, (1,))[1] - expected) < TOLERANCE, "error of top 1 has a wrong value"


def test_topk(rng, student):
    asked = []
    for _ in range(3):
        logits, _ = _draw(rng)
        ks = (int(rng.integers(2, 4)), int(rng.integers(4, 7)))
        places = np.concatenate(
            [[0, ks[0] - 1, ks[0], ks[1] - 1, ks[1]], rng.integers(0, 7, len(logits) - 5)]
        )
        y = _at_place(logits, torch.from_numpy(places))
        expected = {k: _expected(logits, y, k) for k in ks}
        asked.append((_own(student, logits, y, ks), _extremes(partial(_own, student), logits, ks), expected))
    for errors, extremes, shares in asked:
        for first, second in zip(*extremes.values(), strict=True):
            assert abs(first - second) < TOLERANCE * (1 + abs(first)), "each k has a scale of its own"
        for k, (right, wrong) in extremes.items():
            assert abs(wrong - right) > 0.01, f"error of top {k} does not depend on the labels"
            expected = right + (wrong - right) * shares[k]
            assert abs(errors[k] - expected) < TOLERANCE * (1 + abs(expected)), f"error of top {k} is wrong"


def _reordered(rng, logits: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """The same images in another order, with other numbers for their classes but for 0."""
    classes = torch.from_numpy(np.concatenate([[0], 1 + rng.permutation(logits.shape[1] - 1)]))
    rows = torch.from_numpy(rng.permutation(len(y)))
    return logits[rows][:, classes], torch.argsort(classes)[y[rows]]


def test_permutation(rng, student):
    logits, y = _draw(rng)
    wrong = _within_classes(logits, y, KS)
    other = _fair(lambda: _reordered(rng, logits, y), lambda drawn: _same(_within_classes(*drawn, KS), wrong))
    before, after = _own(student, logits, y), _own(student, *other)
    _check_depends(rng, student)
    assert _same(before, after), "another order of classes changes the error"


def test_scale(rng, student):
    logits, y = _draw(rng)
    before, after = _own(student, logits, y), _own(student, 2.5 * logits - 40, y)
    _check_depends(rng, student)
    assert _same(before, after), "the error depends on the scale of the logits"


def _one_class(rng) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """The same class twice: as any number, then as number 0. It is the best guess in more than half of the rows."""
    logits, _ = _draw(rng)
    other = int(rng.integers(1, logits.shape[1]))
    y = torch.full((len(logits),), other)
    logits[: 2 * len(logits) // 3, other] = 10
    exchanged = torch.arange(logits.shape[1])
    exchanged[0], exchanged[other] = other, 0
    return (logits, y), (logits[:, exchanged], torch.zeros_like(y))


def test_class_zero(rng, student):
    pair = _fair(lambda: _one_class(rng), lambda pair: _same(*(_within_classes(*one, KS) for one in pair)))
    before, after = (_own(student, *one) for one in pair)
    _check_depends(rng, student)
    assert _same(before, after), "class 0 counts otherwise than the others"


def _is_extreme(ask: Ask, logits: Tensor, y: Tensor) -> bool:
    """Whether with k = number of classes the answer is one of those for all labels right, or all wrong."""
    extremes = _extremes(ask, logits, KS).values()
    error = ask(logits, y, DEFAULT_KS)[logits.shape[1]]
    return any(abs(error - value) < TOLERANCE for pair in extremes if pair[0] != pair[1] for value in pair)


def _with_few_classes(rng) -> tuple[Tensor, Tensor]:
    """As many classes as the largest of the default `ks`.

    No label has the smallest logit: whoever loses the last place pays in `test_topk`.
    """
    logits, _ = _draw(rng, num_classes=DEFAULT_KS[-1])
    return logits, _at_place(logits, torch.from_numpy(rng.integers(0, logits.shape[1] - 2, len(logits))))


def test_all_classes(rng, student):
    logits, y = _fair(lambda: _with_few_classes(rng), lambda drawn: _is_extreme(_within_classes, *drawn))
    is_right = _is_extreme(partial(_own, student), logits, y)
    _check_depends(rng, student)
    assert is_right, "with k = number of classes somebody errs"


def test_default_ks(rng, student):
    logits, y = _draw(rng)
    answer, expected = student.topk_error(logits, y), _own(student, logits, y, DEFAULT_KS)
    _check_depends(rng, student)
    assert isinstance(answer, dict), f"the answer is a {type(answer).__name__}, expected a dict"
    assert set(answer) == set(DEFAULT_KS), f"the keys are {sorted(map(str, answer))}, expected 1 and 5"
    assert _same(_errors(answer, DEFAULT_KS), expected), "without ks the values are others"


def _eight_images(rng) -> tuple[Tensor, Tensor]:
    logits, _ = _draw(rng, n=8)
    return logits, _at_place(logits, torch.tensor([0, 1, 2, 0, 1, 2, 1, -1]))


def _one_by_one(ask: Ask, logits: Tensor, y: Tensor) -> tuple[dict[int, float], dict[int, float]]:
    """The answer for all images, and the mean of those for each of them."""
    alone = [ask(logits[i : i + 1], y[i : i + 1], KS) for i in range(len(y))]
    return ask(logits, y, KS), {k: float(np.mean([one[k] for one in alone])) for k in KS}


def test_one_example(rng, student):
    logits, y = _fair(lambda: _eight_images(rng), lambda drawn: _same(*_one_by_one(_within_classes, *drawn)))
    together, mean = _one_by_one(partial(_own, student), logits, y)
    _check_depends(rng, student)
    for k, error in together.items():
        assert abs(mean[k] - error) < TOLERANCE * (1 + abs(error)), (
            "the error of a batch is not the mean of the errors of its images"
        )


def test_too_large(rng, student):
    logits, y = _draw(rng)
    _check_depends(rng, student)  # code that raises on everything proves nothing
    kind = "nothing"
    try:
        student.topk_error(logits, y, ks=(1, logits.shape[1] + 1))
    except StudentError as error:
        kind = error.kind
    assert kind == "ValueError", f"k above the number of classes raises {kind}, expected ValueError"
