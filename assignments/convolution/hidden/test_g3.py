"""Hidden tests of G3, `pool_report`: each looks at one property and is blind to the others.

The part of the operations is read by `test_operations` and `test_ragged` alone. What a cosine is is seen by
`test_cosine`, without pooling and one image at a time; the other tests compare with the student's own cosine, for maps
that are pooled here, for single images, or for rows that stand several times one below the other.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from autograder.remote.failures import StudentError
from autograder.testing import as_number, assert_close, randn

CASES = 3
NEAR = 1e-4


def _integer(rng, low: int, high: int) -> int:
    """A whole number from low to high, both included."""
    return int(rng.integers(low, high + 1))


def _both(answer: object) -> tuple[float, float]:
    items = answer.tolist() if isinstance(answer, Tensor | np.ndarray) else answer
    assert isinstance(items, list | tuple), f"got a {type(items).__name__}, expected two numbers"
    assert len(items) == 2, f"got {len(items)} values, expected two"
    return as_number(items[0], "mac_ratio"), as_number(items[1], "cosine")


def _maps(rng, images: int, height: int, width: int, share: float | None = None) -> tuple[Tensor, Tensor]:
    """Maps of several channels, and others that hold a share of them, drawn if not given."""
    features = randn(rng, images, _integer(rng, 2, 3), height, width)
    if share is None:
        share = _integer(rng, -2, 2) / 2
    return features, share * features + randn(rng, *features.shape)


def _check_cosines(own: list[object], expected: list[object]) -> None:
    """The second numbers agree, and are not all the same."""
    found, right = ([_both(answer)[1] for answer in side] for side in (own, expected))
    assert max(right) - min(right) > 1e-3, "the cosine is the same for all maps"
    for one, other in zip(found, right, strict=True):
        assert abs(one - other) < NEAR, f"the cosine is {one:g}, expected {other:g}"


def test_operations(rng, student):
    answers = []
    for kernel in (1, 2, 3, 4):
        size = kernel * _integer(rng, 1, 3), kernel * _integer(rng, 4, 5)
        answers.append((1 / kernel**2, student.pool_report(*_maps(rng, 2, *size), kernel)))
    for expected, answer in answers:
        found = _both(answer)[0]
        assert abs(found - expected) < NEAR, f"the part of the operations is {found:g}, expected {expected:g}"


def test_maxima(rng, student):
    found, own, plain = [], [], []
    for _ in range(CASES):
        kernel = _integer(rng, 2, 3)
        features, shifted = _maps(rng, 1, 2 * kernel, 3 * kernel)
        pooled = [F.max_pool2d(maps, kernel) for maps in (features, shifted)]
        found.append(student.pool_report(features, shifted, kernel))
        own.append(student.pool_report(*pooled, 1))
        plain.append(student.pool_report(features, shifted, 1))
    _check_cosines(found, own)
    assert any(abs(_both(a)[1] - _both(b)[1]) > 1e-3 for a, b in zip(found, plain, strict=True)), (
        "pooling does nothing to the cosine"
    )


def test_cosine(rng, student):
    answers = []
    for number in range(CASES):
        features, shifted = _maps(rng, 1, _integer(rng, 3, 4), _integer(rng, 5, 6))
        shifted = 3 * shifted if number else 0.1 * shifted - features
        answers.append((features, shifted, student.pool_report(features, shifted, 1)))
    for features, shifted, answer in answers:
        length = features.square().sum().sqrt() * shifted.square().sum().sqrt()
        expected, found = float((features * shifted).sum() / length), _both(answer)[1]
        assert abs(found - expected) < NEAR, f"the cosine is {found:g}, expected {expected:g}"


def test_images(rng, student):
    answers = []
    for _ in range(2):
        features, shifted = _maps(rng, _integer(rng, 3, 4), 4, 6)
        # Brighter images do not count for more.
        features = features * (1 + 9 * torch.arange(len(features)).view(-1, 1, 1, 1))
        shifted[1] = features[1]
        single = [
            student.pool_report(features[i : i + 1], shifted[i : i + 1], 2) for i in range(len(features))
        ]
        answers.append((student.pool_report(features, shifted, 2), single))
    for found, single in answers:
        cosines = [_both(answer)[1] for answer in single]
        assert max(cosines) - min(cosines) > 1e-3, "the cosine is the same for all images"
        expected = sum(cosines) / len(cosines)
        assert abs(_both(found)[1] - expected) < NEAR, (
            f"the cosine of all images is {_both(found)[1]:g}, expected {expected:g}"
        )


def test_ragged(rng, student):
    parts, found, own = [], [], []
    for kernel in (2, 3, 4):
        places = _integer(rng, 2, 3), _integer(rng, 4, 5)
        whole = tuple(kernel * count for count in places)
        size = whole[0] + kernel - 1, whole[1] + 1
        features, shifted = _maps(rng, 1, *size)
        found.append(student.pool_report(features, shifted, kernel))
        cut = [maps[:, :, : whole[0], : whole[1]].contiguous() for maps in (features, shifted)]
        own.append(student.pool_report(*cut, kernel))
        parts.append(places[0] * places[1] / (size[0] * size[1]))
    _check_cosines(found, own)
    for answer, part in zip(found, parts, strict=True):
        ratio = _both(answer)[0]
        assert abs(ratio - part) < NEAR, f"the part of the operations is {ratio:g}, expected {part:g}"


def test_pairs(rng, student):
    """A window of (1, k) is one of (k, k) where each row stands k times; so is one of (k, 1) for columns."""
    found, own = [], []
    for axis, share in ((2, -1.0), (3, 1.0)):
        kernel = _integer(rng, 2, 3)
        size = [4 * kernel, 4 * kernel]
        size[axis - 2] += kernel
        features, shifted = _maps(rng, 1, *size, share)
        window = (1, kernel) if axis == 2 else (kernel, 1)
        repeated = [maps.repeat_interleave(kernel, axis) for maps in (features, shifted)]
        found.append(student.pool_report(features, shifted, window))
        own.append(student.pool_report(*repeated, kernel))
    _check_cosines(found, own)


def test_refuses(rng, student):
    features, shifted = _maps(rng, 2, 4, 6)
    own = [student.pool_report(features, other, 2) for other in (features, shifted)]
    kinds = []
    for some, other, kernel in ((features, shifted, 5), (features, shifted[:1], 2), (features, shifted, 0)):
        try:
            student.pool_report(some, other, kernel)
            kinds.append("nothing")
        except StudentError as error:
            kinds.append(error.kind)
    assert abs(_both(own[0])[1] - _both(own[1])[1]) > 1e-3, "the cosine is the same for all maps"
    assert kinds == ["ValueError"] * 3, f"maps that cannot be compared raise {kinds}, expected ValueError"


def test_unchanged(rng, student):
    features, shifted = _maps(rng, 2, 4, 6)
    asked = student.pool_report.options(want=("out", "inputs_after"), layout="permuted")
    result, own = asked(features, shifted, 2), student.pool_report(features, features, 2)
    assert abs(_both(result.out)[1] - _both(own)[1]) > 1e-3, "the cosine is the same for all maps"
    for before, after, what in zip(
        (features, shifted), result.inputs_after, ("features", "shifted"), strict=False
    ):
        assert_close(after, before, rtol=0, atol=0, what=f"{what} after the call")
