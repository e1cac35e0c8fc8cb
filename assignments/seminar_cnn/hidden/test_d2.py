"""Hidden tests of D2, `out_size` and `same_padding`: each looks at one property and is blind to the others.

Whether the places of a window are counted right is seen by `test_window` alone: stride is compared up to the number
by which the student's count of all places is off, padding and dilation with the student's own count for a longer row
and a longer window. The oracle is torch's convolution on the device "meta".
"""

from __future__ import annotations

import torch
import torch.nn.functional as F

from autograder.remote.failures import StudentError
from autograder.testing import as_number


def _integer(rng, low: int, high: int) -> int:
    """A whole number from low to high, both included."""
    return int(rng.integers(low, high + 1))


def _size(student, n: int, kernel: int, **options: int) -> float:
    return as_number(student.out_size(n, kernel, **options), "out_size")


def _expected(n: int, kernel: int, **options: int) -> int:
    row, window = (torch.empty(1, 1, length, device="meta") for length in (n, kernel))
    return F.conv1d(row, window, **options).shape[-1]


def _check_counts(student) -> None:
    """A longer row has more places, a longer window fewer: a constant answer proves nothing."""
    few, many, fewer = _size(student, 9, 3), _size(student, 14, 3), _size(student, 9, 5)
    assert many > few > fewer, "out_size does not depend on the row and the window"


def _kind(student, function: str, *arguments: int, **options: int) -> str:
    """What a call raises."""
    try:
        getattr(student, function)(*arguments, **options)
    except StudentError as error:
        return error.kind
    return "nothing"


def test_window(rng, student):
    cases = [(n, _integer(rng, 2, n - 1)) for n in rng.integers(10, 300, 4).tolist()] + [(7, 1), (7, 7)]
    asked = [(_size(student, *case), _expected(*case)) for case in cases]
    for found, expected in asked:
        assert found == expected, "another number of places"


def test_stride(rng, student):
    _check_counts(student)
    asked = []
    for stride in (2, 3, 4, 5):
        kernel = _integer(rng, 2, 6)
        for places in (stride * _integer(rng, 3, 9), stride * _integer(rng, 3, 9) + 1):
            n = places + kernel - 1
            off = _size(student, n, kernel) - places
            asked.append(
                (_size(student, n, kernel, stride=stride) - off, _expected(n, kernel, stride=stride))
            )
    for found, expected in asked:
        assert found == expected, "stride does not keep every s-th place"


def test_dilation(rng, student):
    _check_counts(student)
    asked = []
    for dilation in (2, 3, 4):
        kernel, n = _integer(rng, 3, 6), _integer(rng, 40, 99)
        found = _size(student, n, kernel, dilation=dilation)
        asked.append((found, _size(student, n, dilation * (kernel - 1) + 1)))
    for found, expected in asked:
        assert found == expected, "a dilated window does not count as the longer one"


def test_padding(rng, student):
    _check_counts(student)
    asked = []
    for padding in (1, 2, _integer(rng, 3, 6)):
        kernel, n = _integer(rng, 3, 6), _integer(rng, 20, 60)
        asked.append((_size(student, n, kernel, padding=padding), _size(student, n + 2 * padding, kernel)))
    for found, expected in asked:
        assert found == expected, "a padded row does not count as the longer one"


def test_together(rng, student):
    _check_counts(student)
    asked = []
    for _ in range(4):
        n, kernel = _integer(rng, 40, 99), _integer(rng, 2, 6)
        stride, padding, dilation = _integer(rng, 2, 5), _integer(rng, 1, 5), _integer(rng, 2, 4)
        found = _size(student, n, kernel, stride=stride, padding=padding, dilation=dilation)
        window = dilation * (kernel - 1) + 1
        asked.append((found, _size(student, n + 2 * padding, window, stride=stride)))
    for found, expected in asked:
        assert found == expected, "together they do not count as one after the other"


def test_too_large(rng, student):
    _check_counts(student)  # code that raises on everything proves nothing
    n = _integer(rng, 5, 9)
    kinds = [
        _kind(student, "out_size", n, n + _integer(rng, 2, 5)),
        _kind(student, "out_size", n, n + 3, padding=1),
        _kind(student, "out_size", n, n + 6, stride=2, padding=1),
        _kind(student, "out_size", n, n + 1, stride=2),
        _kind(student, "out_size", n, n - 2, dilation=3),
    ]
    assert kinds == ["ValueError"] * 5, f"a window that does not fit raises {kinds}, expected ValueError"


def test_same_padding(rng, student):
    cases = [(1, 1), (3, 1), (2 * _integer(rng, 2, 6) + 1, 1), (_integer(rng, 2, 7), 2), (5, 3), (4, 4)]
    asked = [as_number(student.same_padding(*case), "same_padding") for case in cases]
    for found, (kernel, dilation) in zip(asked, cases, strict=True):
        assert 2 * found == dilation * (kernel - 1), "the padding does not keep the size"


def test_no_same_padding(rng, student):
    found = as_number(
        student.same_padding(3), "same_padding"
    )  # code that raises on everything proves nothing
    assert found > 0, "same_padding gives nothing for a window of 3"
    cases = [(2 * _integer(rng, 1, 5), 1), (4, 3)]
    kinds = [_kind(student, "same_padding", *case) for case in cases]
    assert kinds == ["ValueError"] * 2, (
        f"where there is no such padding it raises {kinds}, expected ValueError"
    )
