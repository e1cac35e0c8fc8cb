"""Hidden tests of D5: functions that move with their images, and functions that do not, put before the student's check.

Each function is one affine map of a small image, perhaps with a ReLU behind it, sent as a matrix: a convolution, a
dense layer and a mirror differ in numbers only. Each test asks about false functions and about true ones beside them,
so that no constant answer earns anything. Numbers are small and whole, sums are exact; only `test_tolerance` differs.
For an example the same is drawn on images of 7x7, with one figure a pixel (`small`).

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

SHIFT = (2, 2)
TOLERANCE = 1e-4


class Sizes(NamedTuple):
    """side: of an image. kernel: of a convolution. spot: where the spot lies. largest: of the numbers drawn."""

    side: int
    kernel: int
    spot: slice
    largest: int

    @property
    def given(self) -> tuple[int, int, int]:
        """An image."""
        return 1, self.side, self.side

    @property
    def map(self) -> int:
        """The side of what a convolution makes of it."""
        return self.side - self.kernel + 1


LARGE, SMALL = Sizes(10, 3, slice(3, 6), 50), Sizes(7, 2, slice(2, 4), 9)

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


def _sizes(small: bool) -> Sizes:
    return SMALL if small else LARGE


def _whole(rng, sizes: Sizes, *shape: int) -> Tensor:
    """Whole numbers, up to 50 large enough that no two sums of them agree by chance, and small enough for float32."""
    return torch.from_numpy(rng.integers(1, sizes.largest + 1, shape)).double()


def _spot(rng, sizes: Sizes, images: int = 1, channels: int = 1) -> Tensor:
    x = torch.zeros(images, channels, sizes.side, sizes.side)
    inside = x[..., sizes.spot, sizes.spot]
    inside += _whole(rng, sizes, *inside.shape).float()
    return x


def _function(
    student,
    called: str,
    of: Callable[[Tensor], Tensor],
    given: tuple[int, int, int],
    *,
    relu: bool = False,
):
    """The worker's own copy of an affine function, under this name in words about its call."""
    gives, matrix, offset = affine_of(of, given)
    layers = [("map", "Affine", given, gives), *([("relu", "ReLU")] if relu else [])]
    state = {"map.matrix": matrix.float(), "map.offset": offset.float()}
    return student.make("network", called, layers=layers, seed=0, state=state, training=False)


def _convolution(
    rng, sizes: Sizes, filters: int = 1, channels: int = 1, **options: int
) -> Callable[[Tensor], Tensor]:
    kernels = _whole(rng, sizes, filters, channels, sizes.kernel, sizes.kernel)
    return lambda x: F.conv2d(x, kernels, **options)


def _dense(rng, sizes: Sizes, side_of_map: int, side: int) -> Callable[[Tensor], Tensor]:
    """A weight of its own for each pixel and each place."""
    largest = sizes.largest if sizes is SMALL else 500
    weight = torch.from_numpy(rng.integers(1, largest + 1, (side_of_map**2, side**2))).double()
    return lambda x: (x.flatten(1) @ weight.T).reshape(-1, 1, side_of_map, side_of_map)


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


def illustrate_check_equivariant(
    f: Callable[[Tensor], Tensor], x: Tensor, shift: tuple[int, int], stride: int = 1, margin: int = 0
) -> tuple[str, dict[str, Tensor | tuple[Tensor, Tensor]]]:
    """What an example shows of a call: a note, "" for none, and images and maps before and after the shift.

    Numbers of the map that are not those of the places they came from are marked.
    """
    moved = x.roll(shift, dims=(2, 3))
    before, after = f(x), f(moved)
    apart, num_places = _apart(before, after, [by / stride for by in shift], margin)
    image, channel = (int(i) for i in torch.nonzero(apart)[0][:2]) if bool(apart.any()) else (0, 0)
    of_image = f"[{image}, 0]" if len(x) > 1 or x.shape[1] > 1 else ""
    of_map = f"[{image}, {channel}]" if len(x) > 1 or before.shape[1] > 1 else ""
    note = "в рамке то, что не сдвинулось вместе с x / framed is what did not move along with x"
    if num_places == 0:
        size = f"{before.shape[2]}x{before.shape[3]}"
        note = f"карта {size}, сравнивать нечего / the map is {size}, no place is left to compare"
    return note if bool(apart.any()) or num_places == 0 else "", {
        f"x{of_image}": x[image, 0],
        f"x{of_image} после сдвига / x{of_image} after the shift": moved[image, 0],
        f"f(x){of_map}": before[image, channel],
        f"f(x после сдвига){of_map} / f(x after the shift){of_map}": (
            after[image, channel],
            apart[image, channel],
        ),
    }


def _apart(before: Tensor, after: Tensor, moves: Sequence[float], margin: int) -> tuple[Tensor, int]:
    """(which numbers of `after` are not those that they came from, how many places are compared at all)."""
    apart = torch.zeros(after.shape, dtype=torch.bool)
    rows, columns = (
        [(i, i - by) for i in range(size)] for size, by in zip(after.shape[2:], moves, strict=True)
    )
    inside = [
        [pair for pair in pairs if all(margin <= place < len(pairs) - margin for place in pair)]
        for pairs in (rows, columns)
    ]
    for i, from_i in inside[0]:
        for j, from_j in inside[1]:
            if from_i == int(from_i) and from_j == int(from_j):
                found, right = after[..., i, j], before[..., int(from_i), int(from_j)]
                apart[..., i, j] = (found - right).abs() >= TOLERANCE
    return apart, len(inside[0]) * len(inside[1])


def test_dense(rng, student, small):
    sizes, asked = _sizes(small), []
    for relu in (False, True):
        true = _function(student, CONVOLUTION, _convolution(rng, sizes), sizes.given, relu=relu)
        false = _function(student, DENSE, _dense(rng, sizes, sizes.map, sizes.side), sizes.given, relu=relu)
        x = _spot(rng, sizes)
        asked.append(Asked(student.check_equivariant(true, x, SHIFT), True))
        asked.append(Asked(student.check_equivariant(false, x, SHIFT), False))
    _assert_right(asked)


def test_ramp(rng, student, small):
    sizes, asked = _sizes(small), []
    for relu in (False, True):
        convolution, x = _convolution(rng, sizes), _spot(rng, sizes)
        less = _plus(convolution, -6.0 * sizes.largest)
        growing = _plus(convolution, _ramp(sizes.map, sizes.map, 1, 1))
        true = _function(student, CONVOLUTION, less, sizes.given, relu=relu)
        false = _function(student, GROWING, growing, sizes.given, relu=relu)
        asked.append(Asked(student.check_equivariant(true, x, SHIFT), True))
        asked.append(Asked(student.check_equivariant(false, x, SHIFT), False))
    _assert_right(asked)


def test_invariant(rng, student, small):
    sizes = _sizes(small)
    side, by_row = sizes.map, sizes.largest + 10
    pattern = _whole(rng, sizes, side, side) + _ramp(
        side, side, by_row, 0
    )  # no row holds a number of another one
    same_everywhere = _function(
        student,
        "сумма пикселей на узор / sum of the pixels times a pattern",
        lambda x: x.sum((2, 3), keepdim=True) * pattern,
        sizes.given,
    )
    constant = _function(student, SAME, lambda x: x[..., :side, :side] * 0 + 3, sizes.given)
    moving = _function(student, CONVOLUTION, _convolution(rng, sizes), sizes.given)
    asked = []
    for x in (_spot(rng, sizes), _spot(rng, sizes)):
        asked += [
            Asked(student.check_equivariant(same_everywhere, x, SHIFT), False),
            Asked(student.check_equivariant(constant, x, SHIFT), True),
            Asked(student.check_equivariant(moving, x, SHIFT), True),
        ]
    _assert_right(asked)


def test_padding(rng, student, small):
    sizes = _sizes(small)
    given, x = sizes.given, _whole(rng, sizes, 1, *sizes.given).float()
    asked = []
    for padding in (1,) if small else (1, 2):
        kernel = _whole(rng, sizes, 1, 1, 2 * padding + 1, 2 * padding + 1)
        for frame in ((padding,) * 4, (0, 2 * padding) * 2):  # on all sides, or to the right and below
            padded = _function(student, _name_of_padding(padding, frame), _padded(kernel, frame), given)
            enough = max(padding, frame[1])
            asked.append(Asked(student.check_equivariant(padded, x, (1, 1), margin=enough), True))
            asked.append(Asked(student.check_equivariant(padded, x, (1, 1), margin=enough - 1), False))
        all_around = _function(student, _name_of_padding(padding), _padded(kernel, (padding,) * 4), given)
        asked.append(Asked(student.check_equivariant(all_around, x, (1, 1), margin=padding + 1), True))
        dense = _function(student, DENSE, _dense(rng, sizes, sizes.side, sizes.side), given)
        asked.append(Asked(student.check_equivariant(dense, x, (1, 1), margin=padding), False))
    _assert_right(asked)


def test_stride(rng, student, small):
    # An image and its spot, so that a window of 3 fits in with stride 2 and the spot stays inside.
    sizes = Sizes(7, 3, slice(2, 4), SMALL.largest) if small else Sizes(13, 3, slice(4, 7), LARGE.largest)
    given, side = sizes.given, (sizes.side - 3) // 2 + 1
    name = "свёртка с шагом 2 / convolution with stride 2"
    true = _function(student, name, _convolution(rng, sizes, stride=2), given)
    false = _function(student, DENSE, _dense(rng, sizes, side, sizes.side), given)
    full, spot = _whole(rng, sizes, 1, *given).float(), _spot(rng, sizes)
    asked = []
    for down in (2,) if small else (2, 4):
        asked.append(Asked(student.check_equivariant(true, spot, (down, down), stride=2), True))
        asked.append(Asked(student.check_equivariant(true, full, (down - 1, 2), stride=2), False))
        asked.append(Asked(student.check_equivariant(true, full, (2, down - 1), stride=2), False))
        asked.append(Asked(student.check_equivariant(false, full, (down, down), stride=2), False))
    # Nothing on such a map moves, and yet it cannot move by half a place.
    same = _function(student, SAME, lambda x: x[..., :side, :side] * 0 + 3, given)
    asked.append(Asked(student.check_equivariant(same, spot, (1, 2), stride=2), False))
    _assert_right(asked)


def test_mirror(rng, student, small):
    sizes = _sizes(small)
    kernels = [_convolution(rng, sizes) for _ in range(2)]
    true = [_function(student, CONVOLUTION, kernel, sizes.given) for kernel in kernels]
    false = [
        _function(student, TURNED, lambda x, kernel=kernel: kernel(x.flip(2, 3)), sizes.given)
        for kernel in kernels
    ]
    full, x = _whole(rng, sizes, 1, *sizes.given).float(), _spot(rng, sizes)
    asked = [Asked(student.check_equivariant(f, x, SHIFT), True) for f in true]
    asked += [Asked(student.check_equivariant(f, full, SHIFT), False) for f in false]
    # The same numbers as before are on the map, in other places.
    asked += [Asked(student.check_equivariant(f, x, (1, 1)), False) for f in false]
    _assert_right(asked)


def test_axes(rng, student, small):
    sizes = _sizes(small)
    x, convolution, side = _spot(rng, sizes), _convolution(rng, sizes), sizes.map
    true = _function(student, CONVOLUTION, convolution, sizes.given)
    by_rows = _function(student, DOWNWARDS, _plus(convolution, _ramp(side, side, 1, 0)), sizes.given)
    by_columns = _function(student, RIGHTWARDS, _plus(convolution, _ramp(side, side, 0, 1)), sizes.given)
    answers = [
        (true, (2, 0), True),
        (true, (1, 2), True),
        (by_rows, (0, 2), True),
        (by_rows, (2, 0), False),
        (by_columns, (0, 2), False),
        (by_columns, (2, 0), True),
    ]
    _assert_right([Asked(student.check_equivariant(f, x, shift), right) for f, shift, right in answers])


def test_negative_shift(rng, student, small):
    sizes = _sizes(small)
    x, convolution = _spot(rng, sizes), _convolution(rng, sizes)
    true = _function(student, CONVOLUTION, convolution, sizes.given)
    false = _function(student, GROWING, _plus(convolution, _ramp(sizes.map, sizes.map, 1, 3)), sizes.given)
    asked = []
    for shift in ((-1, -1), (-1, 1), (1, -1)):
        asked.append(Asked(student.check_equivariant(true, x, shift), True))
        asked.append(Asked(student.check_equivariant(false, x, shift), False))
    _assert_right(asked)


def test_channels_and_images(rng, student, small):
    sizes = _sizes(small)
    given, side = (2, sizes.side, sizes.side), sizes.map
    convolution = _convolution(rng, sizes, filters=3, channels=2)
    only_last = torch.zeros(3, side, side, dtype=torch.float64)
    only_last[2] = _ramp(side, side, 1, 1)
    true = _function(student, CONVOLUTION, convolution, given)
    false = _function(student, LAST_CHANNEL, _plus(convolution, only_last), given)
    # Brighter further down: of an empty image nothing is seen.
    brighter = _function(student, BRIGHTER, lambda x: x * _ramp(sizes.side, sizes.side, 1, 1), given)
    x, behind_an_empty_one = _spot(rng, sizes, 2, 2), _spot(rng, sizes, 2, 2)
    behind_an_empty_one[0] = 0
    _assert_right(
        [
            Asked(student.check_equivariant(true, x, SHIFT), True),
            Asked(student.check_equivariant(false, x, SHIFT), False),
            Asked(student.check_equivariant(true, behind_an_empty_one, SHIFT), True),
            Asked(student.check_equivariant(brighter, behind_an_empty_one, SHIFT), False),
        ]
    )


def test_whole_image(rng, student, small):
    sizes = _sizes(small)
    x, convolution = _whole(rng, sizes, 1, *sizes.given).float(), _convolution(rng, sizes)
    one_place, middle = torch.zeros(sizes.map, sizes.map, dtype=torch.float64), sizes.map // 2
    one_place[int(rng.integers(middle - 1, middle + 1)), int(rng.integers(middle - 1, middle + 2))] = 1.0
    true = _function(student, CONVOLUTION, convolution, sizes.given)
    false = _function(student, ONE_PLACE, _plus(convolution, one_place), sizes.given)
    asked = []
    for shift in (SHIFT, (1, 3)):
        asked.append(Asked(student.check_equivariant(true, x, shift), True))
        asked.append(Asked(student.check_equivariant(false, x, shift), False))
    _assert_right(asked)


def test_not_square(rng, student, small):
    sizes, asked = _sizes(small), []
    short, long = (5, 7) if small else (9, 13)
    for given in ((1, short, long), (1, long, short)):
        x, convolution = _whole(rng, sizes, 1, *given).float(), _convolution(rng, sizes)
        height, width = (side - sizes.kernel + 1 for side in given[1:])
        true = _function(student, CONVOLUTION, convolution, given)
        # An offset in the last places of the longer side.
        far, square = torch.zeros(height, width, dtype=torch.float64), min(height, width) + 1
        far[square:, :], far[:, square:] = 1.0, 1.0
        false = _function(student, FAR, _plus(convolution, far), given)
        asked.append(Asked(student.check_equivariant(true, x, SHIFT), True))
        asked.append(Asked(student.check_equivariant(false, x, SHIFT), False))
    _assert_right(asked)


def test_tolerance(rng, student, small):
    sizes = _sizes(small)
    x, convolution, side = _spot(rng, sizes), _convolution(rng, sizes), sizes.map
    noise, rounding, steps = (torch.zeros(side, side, dtype=torch.float64) for _ in range(3))
    noise[::2], steps[1::4] = 3e-5, 0.01
    # As much as float32 loses in a sum of such numbers.
    rounding[::2] = 2e-6
    shrunk = 64 if small else 4096
    small_numbers = _plus(lambda x: convolution(x) / shrunk + 1, rounding)
    rounded = _function(student, ROUNDED, small_numbers, sizes.given)
    true = _function(student, ALMOST, _plus(convolution, noise), sizes.given)
    false = _function(student, STEPS, _plus(convolution, steps), sizes.given)
    asked = [Asked(student.check_equivariant(f, x, (1, 0)), True) for f in (true, rounded)]
    asked += [Asked(student.check_equivariant(false, x, shift), False) for shift in ((1, 0), SHIFT)]
    _assert_right(asked)


def _check_tells_apart(rng, student, sizes: Sizes) -> None:
    """A check that says the same of all functions proves nothing."""
    x, convolution = _spot(rng, sizes), _convolution(rng, sizes)
    true = _function(student, CONVOLUTION, convolution, sizes.given)
    false = _function(student, GROWING, _plus(convolution, _ramp(sizes.map, sizes.map, 1, 1)), sizes.given)
    asked = [Asked(student.check_equivariant(true, x, SHIFT), True)]
    asked.append(Asked(student.check_equivariant(false, x, SHIFT), False))
    _assert_right(asked)


def test_nothing_left(rng, student, small):
    sizes = _sizes(small)
    _check_tells_apart(rng, student, sizes)
    f, x = _function(student, CONVOLUTION, _convolution(rng, sizes), sizes.given), _spot(rng, sizes)
    kinds = []
    for shift, margin in (((sizes.map, 0), 0), ((0, -sizes.map), 0), ((1, 0), sizes.map // 2)):
        try:
            student.check_equivariant(f, x, shift, margin=margin)
            kinds.append("nothing")
        except StudentError as error:
            kinds.append(error.kind)
    assert kinds == ["ValueError"] * 3, f"with nothing to compare it raises {kinds}, expected ValueError"


def test_inputs_unchanged(rng, student, small):
    sizes = _sizes(small)
    _check_tells_apart(rng, student, sizes)
    asked = student.check_equivariant.options(want=("out", "inputs_after"))
    true, x = _function(student, CONVOLUTION, _convolution(rng, sizes), sizes.given), _spot(rng, sizes)
    result = asked(true, x, SHIFT)
    _assert_right([Asked(result.out, True)])
    assert result.inputs_after is not None, "the inputs did not come back"
    assert_close(result.inputs_after[1], x, rtol=0, atol=0, what="x after the call")
