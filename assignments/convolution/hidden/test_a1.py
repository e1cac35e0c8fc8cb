"""Hidden tests of A1, `to_chw`: each looks at one property and is blind to the others.

- Where a pixel goes is compared after both images were stretched to 0..1, so that a wrong scale costs `test_scale`
  only; each such image holds the bytes 0 and 255.
- The scale is seen by numbers in ascending order: where they stand does not matter there, nor how many axes there are.
- Alpha and low images are compared with what the student's own function gives for an image without these.
- Rows for columns cost `test_colours` only: the others take an image that is lying on its side as it is.
- Values are compared after casting; a wrong result type costs `test_dtype` only.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from autograder.remote.failures import StudentError
from autograder.testing import as_tensor, assert_close

CLOSE = {"rtol": 1e-5, "atol": 1e-5}
CASES = 3


def _bytes(rng, *shape: int) -> Tensor:
    """Random bytes, 0 and 255 among them."""
    image = rng.integers(1, 255, shape, dtype=np.uint8)
    first, last = rng.choice(image.size, 2, replace=False)
    image.reshape(-1)[[first, last]] = (0, 255)
    return torch.from_numpy(image)


def _sides(rng) -> tuple[int, int]:
    """Height and width: neither is a number of channels, and they differ."""
    height = int(rng.integers(5, 9))
    return height, height + int(rng.integers(1, 5))


def _numbers(value: object) -> Tensor:
    """The result in double precision; it holds at least two different numbers."""
    tensor = as_tensor(value).detach().double()
    assert bool(torch.isfinite(tensor).all()), "the output holds NaN or infinity"
    assert tensor.numel() > 1, "the output is a single number"
    assert float(tensor.max()) > float(tensor.min()), "the output is the same everywhere"
    return tensor


def _stretched(value: object) -> Tensor:
    """Brightness from 0 to 1, whatever the scale."""
    tensor = _numbers(value)
    return (tensor - tensor.min()) / (tensor.max() - tensor.min())


def _check_places(pairs: list[tuple[object, Tensor]]) -> None:
    for found, image in pairs:
        assert_close(_stretched(found), image.double() / 255, **CLOSE)


def _is_on_its_side(value: object, image: Tensor) -> bool:
    """Whether columns are where rows should be, for an image (H, W) or (H, W, C) that is not square."""
    height, width = image.shape[:2]
    return tuple(as_tensor(value).shape[-2:]) == (width, height)


def test_colours(rng, student):
    pairs = []
    for _ in range(CASES):
        image = _bytes(rng, *_sides(rng), 3)
        pairs.append((student.to_chw(image), image.permute(2, 0, 1)))
    _check_places(pairs)


def test_grey(rng, student):
    pairs = []
    for _ in range(CASES):
        image = _bytes(rng, *_sides(rng))
        found = student.to_chw(image)
        pairs.append((found, (image.T if _is_on_its_side(found, image) else image)[None]))
    _check_places(pairs)


def test_scale(rng, student):
    pairs = []
    for low, high in ((0, 256), (20, 120), (90, 250)):
        image = torch.from_numpy(rng.integers(low, high, (*_sides(rng), 3), dtype=np.uint8))
        pairs.append((student.to_chw(image), image))
    for found, image in pairs:
        ascending = _numbers(found).flatten().sort().values
        assert_close(ascending, image.double().flatten().sort().values / 255, **CLOSE)


def test_alpha(rng, student):
    pairs = []
    for _ in range(CASES):
        image = _bytes(rng, *_sides(rng), 4)
        pairs.append((student.to_chw(image), student.to_chw(image[:, :, :3].contiguous())))
    for found, own in pairs:
        assert_close(_numbers(found), _numbers(own), **CLOSE)


def test_low_images(rng, student):
    answers = []
    for rows in (3, 4):
        image = _bytes(rng, rows, int(rng.integers(9, 13)), 3)
        answers.append((image, student.to_chw(image), student.to_chw(torch.cat([image, image]))))
    for image, found, own in answers:
        sides = image.shape[:2]
        if _is_on_its_side(own, torch.cat([image, image])):
            sides = sides[::-1]
        assert tuple(as_tensor(found).shape) == (3, *sides), "a low image gets a wrong shape"
        once, twice = (_numbers(value).flatten().sort().values for value in (found, own))
        assert_close(once, twice[::2], **CLOSE)


def test_dtype(rng, student):
    answers = [student.to_chw(_bytes(rng, *_sides(rng), 3)), student.to_chw(_bytes(rng, *_sides(rng)))]
    for found in answers:
        _numbers(found)
        assert as_tensor(found).dtype == torch.float32, f"the result has dtype {as_tensor(found).dtype}"


def test_refuses(rng, student):
    own = [student.to_chw(_bytes(rng, *_sides(rng), 3)), student.to_chw(_bytes(rng, *_sides(rng)))]
    height, width = _sides(rng)
    kinds = []
    for image in (
        _bytes(rng, height, width, 3).float() / 255,
        _bytes(rng, height, width, 2),
        _bytes(rng, 2, height, width, 3),
        _bytes(rng, 3, height, width),
    ):
        try:
            student.to_chw(image)
            kinds.append("nothing")
        except StudentError as error:
            kinds.append(error.kind)
    for found in own:
        _numbers(found)
    assert kinds == ["ValueError"] * 4, f"other images raise {kinds}, expected ValueError"
