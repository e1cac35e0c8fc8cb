"""Hidden tests of J1, `topk_error`: each looks at one property and is blind to the others.

Whether the numbers are errors is seen by `test_top1` alone. `test_topk` measures the student's number by what the same
function says when all are right and when half are (`_extremes`); the other tests compare it with itself, once it has
been seen to depend on the labels (`_check_depends`), so that a constant earns nothing. Compared is what has been asked
altogether: what is not asked tells no mistakes apart. The keys of the dictionary are
seen by `test_default_ks` alone; the others also read a dictionary with other keys, or a list, in the order of `ks`.

A number may be plain, or a tensor or array that holds one. Logits are drawn from a continuous distribution: no ties.
Class 0 has a test of its own: elsewhere it has the last place but one everywhere, and is no label.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from autograder.remote.failures import StudentError
from autograder.testing import as_number, randn

TOLERANCE = 1e-6
KS = (1, 3)


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


def _check_depends(student, logits: Tensor) -> None:
    """The answer for labels that are all the best guess is not the one for labels that are mostly the worst.

    Not all: whoever counts nothing right would have the right answer there.
    """
    mostly = torch.where(torch.arange(len(logits)) < len(logits) // 4, 0, -1)
    assert not _same(*(_own(student, logits, _at_place(logits, place)) for place in (0, mostly))), (
        "the answer does not depend on the labels"
    )


def _extremes(student, logits: Tensor, ks: tuple[int, ...]) -> dict[int, tuple[float, float]]:
    """k -> the student's numbers for all labels right, and for all wrong, the latter from half of them wrong."""
    half = torch.where(torch.arange(len(logits)) < len(logits) // 2, 0, -1)
    right, mixed = (_own(student, logits, _at_place(logits, place), ks) for place in (0, half))
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
        asked.append((_own(student, logits, y, ks), _extremes(student, logits, ks), expected))
    for errors, extremes, shares in asked:
        for first, second in zip(*extremes.values(), strict=True):
            assert abs(first - second) < TOLERANCE * (1 + abs(first)), "each k has a scale of its own"
        for k, (right, wrong) in extremes.items():
            assert abs(wrong - right) > 0.01, f"error of top {k} does not depend on the labels"
            expected = right + (wrong - right) * shares[k]
            assert abs(errors[k] - expected) < TOLERANCE * (1 + abs(expected)), f"error of top {k} is wrong"


def test_permutation(rng, student):
    logits, y = _draw(rng)
    classes = torch.from_numpy(np.concatenate([[0], 1 + rng.permutation(logits.shape[1] - 1)]))
    rows = torch.from_numpy(rng.permutation(len(y)))
    before = _own(student, logits, y)
    after = _own(student, logits[rows][:, classes], torch.argsort(classes)[y[rows]])
    _check_depends(student, logits)
    assert _same(before, after), "another order of classes changes the error"


def test_scale(rng, student):
    logits, y = _draw(rng)
    before, after = _own(student, logits, y), _own(student, 2.5 * logits - 40, y)
    _check_depends(student, logits)
    assert _same(before, after), "the error depends on the scale of the logits"


def test_class_zero(rng, student):
    logits, _ = _draw(rng)
    other = int(rng.integers(1, logits.shape[1]))
    y = torch.full((len(logits),), other)
    # The same class twice: as number `other`, then as number 0. It is the best guess in more than half of the rows.
    logits[: 2 * len(logits) // 3, other] = 10
    exchanged = torch.arange(logits.shape[1])
    exchanged[0], exchanged[other] = other, 0
    before, after = _own(student, logits, y), _own(student, logits[:, exchanged], torch.zeros_like(y))
    _check_depends(student, logits)
    assert _same(before, after), "class 0 counts otherwise than the others"


def test_all_classes(rng, student):
    logits, y = _draw(rng)
    num_classes = logits.shape[1]
    # No label has the smallest logit: whoever loses the last place pays in `test_topk`.
    y = _at_place(logits, torch.from_numpy(rng.integers(0, num_classes - 2, len(logits))))
    extremes = [
        value for pair in _extremes(student, logits, KS).values() for value in pair if pair[0] != pair[1]
    ]
    error = _own(student, logits, y, (1, num_classes))[num_classes]
    _check_depends(student, logits)
    assert any(abs(error - value) < TOLERANCE for value in extremes), (
        "with k = number of classes somebody errs"
    )


def test_default_ks(rng, student):
    logits, y = _draw(rng)
    answer, expected = student.topk_error(logits, y), _own(student, logits, y, (1, 5))
    _check_depends(student, logits)
    assert isinstance(answer, dict), f"the answer is a {type(answer).__name__}, expected a dict"
    assert set(answer) == {1, 5}, f"the keys are {sorted(map(str, answer))}, expected 1 and 5"
    assert _same(_errors(answer, (1, 5)), expected), "without ks the values are others"


def test_one_example(rng, student):
    logits, _ = _draw(rng, n=8)
    y = _at_place(logits, torch.tensor([0, 1, 2, 0, 1, 2, 1, -1]))
    together = _own(student, logits, y, (3,))[3]
    alone = [_own(student, logits[i : i + 1], y[i : i + 1], (3,))[3] for i in range(len(y))]
    _check_depends(student, logits)
    assert abs(float(np.mean(alone)) - together) < TOLERANCE * (1 + abs(together)), (
        "the error of a batch is not the mean of the errors of its images"
    )


def test_too_large(rng, student):
    logits, y = _draw(rng)
    kind = "nothing"
    try:
        student.topk_error(logits, y, ks=(1, logits.shape[1] + 1))
    except StudentError as error:
        kind = error.kind
    _check_depends(student, logits)  # code that raises on everything proves nothing
    assert kind == "ValueError", f"k above the number of classes raises {kind}, expected ValueError"
