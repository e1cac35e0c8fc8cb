"""Hidden tests of D5: functions that move with their images, and functions that do not, put before the student's check.

Each function is one affine map of a small image, perhaps with a ReLU behind it, sent as a matrix: a convolution, a
dense layer and a mirror differ in numbers only. Each test asks about false functions and about true ones beside them,
so that no constant answer earns anything. Numbers are small and whole, sums are exact; only `test_tolerance` differs.

Functions that move along see images that are empty but for a spot in the middle, which stays inside when it moves
by two, down and to the right: borders, other directions and unequal numbers are seen by tests of their own. Functions
that do not are wrong in every place unless a test is about a few.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from autograder.remote.failures import StudentError
from autograder.testing import affine_of, as_answer, assert_close

GIVEN = (1, 10, 10)
SPOT = slice(3, 6)
SHIFT = (2, 2)

# What an example calls a function that the check was wrong about.
CONVOLUTION = "свёртка / convolution"
DENSE = "полносвязный слой / dense layer"
GROWING = "свёртка и растущее смещение / convolution and a growing offset"
DOWNWARDS = "свёртка и смещение, растущее вниз / convolution and an offset that grows downwards"
RIGHTWARDS = "свёртка и смещение, растущее вправо / convolution and an offset that grows to the right"
LAST_CHANNEL = (
    "свёртка, в последнем канале с растущим смещением / convolution, its last channel with a growing offset"
)
BRIGHTER = "пиксели, умноженные на номер диагонали / pixels times the number of their diagonal"
ONE_PLACE = "свёртка, к одному числу карты прибавлена 1 / convolution with 1 added to one number of the map"
ALMOST = "свёртка, строки которой отличаются на 0.00003 / convolution whose rows differ by 0.00003"
STEPS = "свёртка, строки которой отличаются на 0.01 / convolution whose rows differ by 0.01"
FAR = "свёртка, у которой дальний край сдвинут на 1 / convolution with 1 added to its far side"
ROUNDED = "свёртка, строки которой отличаются на 0.000002 / convolution whose rows differ by 0.000002"
SAME = "одно и то же число / the same number everywhere"
TURNED = "свёртка после поворота на 180° / convolution after a turn by 180°"


class Asked(NamedTuple):
    """The student's answer, and the right one."""

    found: object
    right: bool


def _assert_right(asked: Sequence[Asked]) -> None:
    """Compared once all were asked: what is not asked tells nothing."""
    answers = [as_answer(one.found, "check_equivariant") for one in asked]
    for answer, one in zip(answers, asked, strict=True):
        assert answer == one.right, f"it says {answer} where {one.right} is right"


def _whole(rng, *shape: int) -> Tensor:
    """Whole numbers from 1 to 50: large enough that no two sums of them agree by chance, small enough for float32."""
    return torch.from_numpy(rng.integers(1, 51, shape)).double()


def _spot(rng, images: int = 1, given: tuple[int, int, int] = GIVEN) -> Tensor:
    x = torch.zeros(images, *given)
    x[..., SPOT, SPOT] = _whole(rng, images, given[0], 3, 3).float()
    return x


def _function(
    student,
    called: str,
    of: Callable[[Tensor], Tensor],
    *,
    relu: bool = False,
    given: tuple[int, int, int] = GIVEN,
):
    """The worker's own copy of an affine function, under this name in words about its call."""
    gives, matrix, offset = affine_of(of, given)
    layers = [("map", "Affine", given, gives), *([("relu", "ReLU")] if relu else [])]
    state = {"map.matrix": matrix.float(), "map.offset": offset.float()}
    return student.make("network", called, layers=layers, seed=0, state=state, training=False)


def _convolution(rng, filters: int = 1, channels: int = 1, **options: int) -> Callable[[Tensor], Tensor]:
    kernels = _whole(rng, filters, channels, 3, 3)
    return lambda x: F.conv2d(x, kernels, **options)


def _dense(rng, gives: tuple[int, int, int] = (1, 8, 8), pixels: int = 100) -> Callable[[Tensor], Tensor]:
    """A weight of its own for each pixel and each place."""
    weight = torch.from_numpy(rng.integers(1, 501, (gives[0] * gives[1] * gives[2], pixels))).double()
    return lambda x: (x.flatten(1) @ weight.T).unflatten(1, gives)


def _ramp(height: int, width: int, down: float, right: float) -> Tensor:
    """An offset that grows by so much from place to place."""
    rows, columns = (torch.arange(size, dtype=torch.float64) for size in (height, width))
    return down * rows[:, None] + right * columns


def _plus(f: Callable[[Tensor], Tensor], offset: Tensor | float) -> Callable[[Tensor], Tensor]:
    return lambda x: f(x) + offset


def _name_of_padding(padding: int, frame: tuple[int, ...] = ()) -> str:
    if 0 in frame:
        wide = 2 * padding
        return f"свёртка, {wide} нуля снизу и справа / convolution, {wide} zeros below and to the right"
    return f"свёртка с дополнением {padding} / convolution with padding {padding}"


def _padded(kernel: Tensor, frame: tuple[int, ...]) -> Callable[[Tensor], Tensor]:
    """A convolution of the image within a frame of zeros: left, right, top, bottom."""
    return lambda x: F.conv2d(F.pad(x, frame), kernel)


def test_dense(rng, student):
    asked = []
    for relu in (False, True):
        true = _function(student, CONVOLUTION, _convolution(rng), relu=relu)
        false = _function(student, DENSE, _dense(rng), relu=relu)
        x = _spot(rng)
        asked.append(Asked(student.check_equivariant(true, x, SHIFT), True))
        asked.append(Asked(student.check_equivariant(false, x, SHIFT), False))
    _assert_right(asked)


def test_ramp(rng, student):
    asked = []
    for relu in (False, True):
        convolution, x = _convolution(rng), _spot(rng)
        true = _function(student, CONVOLUTION, _plus(convolution, -300.0), relu=relu)
        false = _function(student, GROWING, _plus(convolution, _ramp(8, 8, 1, 1)), relu=relu)
        asked.append(Asked(student.check_equivariant(true, x, SHIFT), True))
        asked.append(Asked(student.check_equivariant(false, x, SHIFT), False))
    _assert_right(asked)


def test_invariant(rng, student):
    pattern = _whole(rng, 8, 8) + _ramp(8, 8, 60, 0)  # no row holds a number of another one
    same_everywhere = _function(
        student,
        "сумма пикселей на узор / sum of the pixels times a pattern",
        lambda x: x.sum((2, 3), keepdim=True) * pattern,
    )
    constant = _function(
        student, "одно и то же число / the same number everywhere", lambda x: x[..., 2:, 2:] * 0 + 3
    )
    moving = _function(student, CONVOLUTION, _convolution(rng))
    asked = []
    for x in (_spot(rng), _spot(rng)):
        asked += [
            Asked(student.check_equivariant(same_everywhere, x, SHIFT), False),
            Asked(student.check_equivariant(constant, x, SHIFT), True),
            Asked(student.check_equivariant(moving, x, SHIFT), True),
        ]
    _assert_right(asked)


def test_padding(rng, student):
    x = _whole(rng, 1, *GIVEN).float()
    asked = []
    for padding in (1, 2):
        kernel = _whole(rng, 1, 1, 2 * padding + 1, 2 * padding + 1)
        for frame in ((padding,) * 4, (0, 2 * padding) * 2):  # on all sides, or to the right and below
            padded = _function(student, _name_of_padding(padding, frame), _padded(kernel, frame))
            enough = max(padding, frame[1])
            asked.append(Asked(student.check_equivariant(padded, x, (1, 1), margin=enough), True))
            asked.append(Asked(student.check_equivariant(padded, x, (1, 1), margin=enough - 1), False))
        all_around = _function(student, _name_of_padding(padding), _padded(kernel, (padding,) * 4))
        asked.append(Asked(student.check_equivariant(all_around, x, (1, 1), margin=padding + 1), True))
        dense = _function(student, DENSE, _dense(rng, GIVEN))
        asked.append(Asked(student.check_equivariant(dense, x, (1, 1), margin=padding), False))
    _assert_right(asked)


def test_stride(rng, student):
    given = (1, 13, 13)
    true = _function(
        student, "свёртка с шагом 2 / convolution with stride 2", _convolution(rng, stride=2), given=given
    )
    false = _function(student, DENSE, _dense(rng, (1, 6, 6), 169), given=given)
    full, spot = _whole(rng, 1, *given).float(), torch.zeros(1, *given)
    spot[..., 4:7, 4:7] = _whole(rng, 3, 3).float()
    asked = []
    for down in (2, 4):
        asked.append(Asked(student.check_equivariant(true, spot, (down, down), stride=2), True))
        asked.append(Asked(student.check_equivariant(true, full, (down - 1, 2), stride=2), False))
        asked.append(Asked(student.check_equivariant(true, full, (2, down - 1), stride=2), False))
        asked.append(Asked(student.check_equivariant(false, full, (down, down), stride=2), False))
    # Nothing on such a map moves, and yet it cannot move by half a place.
    same = _function(student, SAME, lambda x: x[..., :6, :6] * 0 + 3, given=given)
    asked.append(Asked(student.check_equivariant(same, spot, (1, 2), stride=2), False))
    _assert_right(asked)


def test_mirror(rng, student):
    kernels = [_convolution(rng) for _ in range(2)]
    true = [_function(student, CONVOLUTION, kernel) for kernel in kernels]
    false = [_function(student, TURNED, lambda x, kernel=kernel: kernel(x.flip(2, 3))) for kernel in kernels]
    full, x = _whole(rng, 1, *GIVEN).float(), _spot(rng)
    asked = [Asked(student.check_equivariant(f, x, SHIFT), True) for f in true]
    asked += [Asked(student.check_equivariant(f, full, SHIFT), False) for f in false]
    # The same numbers as before are on the map, in other places.
    asked += [Asked(student.check_equivariant(f, x, (1, 1)), False) for f in false]
    _assert_right(asked)


def test_axes(rng, student):
    x, convolution = _spot(rng), _convolution(rng)
    true = _function(student, CONVOLUTION, convolution)
    by_rows = _function(student, DOWNWARDS, _plus(convolution, _ramp(8, 8, 1, 0)))
    by_columns = _function(student, RIGHTWARDS, _plus(convolution, _ramp(8, 8, 0, 1)))
    answers = [
        (true, (2, 0), True),
        (true, (1, 2), True),
        (by_rows, (0, 2), True),
        (by_rows, (2, 0), False),
        (by_columns, (0, 2), False),
        (by_columns, (2, 0), True),
    ]
    _assert_right([Asked(student.check_equivariant(f, x, shift), right) for f, shift, right in answers])


def test_negative_shift(rng, student):
    x, convolution = _spot(rng), _convolution(rng)
    true = _function(student, CONVOLUTION, convolution)
    false = _function(student, GROWING, _plus(convolution, _ramp(8, 8, 1, 3)))
    asked = []
    for shift in ((-1, -1), (-1, 1), (1, -1)):
        asked.append(Asked(student.check_equivariant(true, x, shift), True))
        asked.append(Asked(student.check_equivariant(false, x, shift), False))
    _assert_right(asked)


def test_channels_and_images(rng, student):
    given = (2, 10, 10)
    convolution = _convolution(rng, filters=3, channels=2)
    only_last = torch.zeros(3, 8, 8, dtype=torch.float64)
    only_last[2] = _ramp(8, 8, 1, 1)
    true = _function(student, CONVOLUTION, convolution, given=given)
    false = _function(student, LAST_CHANNEL, _plus(convolution, only_last), given=given)
    # Brighter further down: of an empty image nothing is seen.
    brighter = _function(student, BRIGHTER, lambda x: x * _ramp(10, 10, 1, 1), given=given)
    x, behind_an_empty_one = _spot(rng, 2, given), _spot(rng, 2, given)
    behind_an_empty_one[0] = 0
    _assert_right(
        [
            Asked(student.check_equivariant(true, x, SHIFT), True),
            Asked(student.check_equivariant(false, x, SHIFT), False),
            Asked(student.check_equivariant(true, behind_an_empty_one, SHIFT), True),
            Asked(student.check_equivariant(brighter, behind_an_empty_one, SHIFT), False),
        ]
    )


def test_whole_image(rng, student):
    x, convolution = _whole(rng, 1, *GIVEN).float(), _convolution(rng)
    one_place = torch.zeros(8, 8, dtype=torch.float64)
    one_place[int(rng.integers(3, 5)), int(rng.integers(3, 6))] = 1.0
    true = _function(student, CONVOLUTION, convolution)
    false = _function(student, ONE_PLACE, _plus(convolution, one_place))
    asked = []
    for shift in (SHIFT, (1, 3)):
        asked.append(Asked(student.check_equivariant(true, x, shift), True))
        asked.append(Asked(student.check_equivariant(false, x, shift), False))
    _assert_right(asked)


def test_not_square(rng, student):
    asked = []
    for given in ((1, 9, 13), (1, 13, 9)):
        x, convolution = _whole(rng, 1, *given).float(), _convolution(rng)
        height, width = given[1] - 2, given[2] - 2
        true = _function(student, CONVOLUTION, convolution, given=given)
        # An offset in the last places of the longer side.
        far = torch.zeros(height, width, dtype=torch.float64)
        far[8:, :], far[:, 8:] = 1.0, 1.0
        false = _function(student, FAR, _plus(convolution, far), given=given)
        asked.append(Asked(student.check_equivariant(true, x, SHIFT), True))
        asked.append(Asked(student.check_equivariant(false, x, SHIFT), False))
    _assert_right(asked)


def test_tolerance(rng, student):
    x, convolution = _spot(rng), _convolution(rng)
    noise, rounding, steps = (torch.zeros(8, 8, dtype=torch.float64) for _ in range(3))
    noise[::2], steps[1::4] = 3e-5, 0.01
    # As much as float32 loses in a sum of such numbers.
    rounding[::2] = 2e-6
    rounded = _function(student, ROUNDED, _plus(lambda x: convolution(x) / 4096 + 1, rounding))
    true = _function(student, ALMOST, _plus(convolution, noise))
    false = _function(student, STEPS, _plus(convolution, steps))
    asked = [Asked(student.check_equivariant(f, x, (1, 0)), True) for f in (true, rounded)]
    asked += [Asked(student.check_equivariant(false, x, shift), False) for shift in ((1, 0), SHIFT)]
    _assert_right(asked)


def _check_tells_apart(rng, student) -> None:
    """A check that says the same of all functions proves nothing."""
    x, convolution = _spot(rng), _convolution(rng)
    true = _function(student, CONVOLUTION, convolution)
    false = _function(student, GROWING, _plus(convolution, _ramp(8, 8, 1, 1)))
    asked = [Asked(student.check_equivariant(true, x, SHIFT), True)]
    asked.append(Asked(student.check_equivariant(false, x, SHIFT), False))
    _assert_right(asked)


def test_nothing_left(rng, student):
    _check_tells_apart(rng, student)
    f, x = _function(student, CONVOLUTION, _convolution(rng)), _spot(rng)
    kinds = []
    for shift, margin in (((8, 0), 0), ((0, -8), 0), ((1, 0), 4)):
        try:
            student.check_equivariant(f, x, shift, margin=margin)
            kinds.append("nothing")
        except StudentError as error:
            kinds.append(error.kind)
    assert kinds == ["ValueError"] * 3, f"with nothing to compare it raises {kinds}, expected ValueError"


def test_inputs_unchanged(rng, student):
    _check_tells_apart(rng, student)
    asked = student.check_equivariant.options(want=("out", "inputs_after"))
    true, x = _function(student, CONVOLUTION, _convolution(rng)), _spot(rng)
    result = asked(true, x, SHIFT)
    _assert_right([Asked(result.out, True)])
    assert_close(result.inputs_after[1], x, rtol=0, atol=0, what="x after the call")
