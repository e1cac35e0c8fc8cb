"""Hidden tests of K1, `ImagesDataModule`: each looks at one property and is blind to the others.

- The worker reads what a `reader` gives, and sends back the batches of a pass. An image carries its number in three of
  its pixels, between a black one and a white one, so that it is known whatever it was normalised by.
- By which numbers is seen by `test_statistics`, from the student's own training part; whether all parts are normalised
  alike by `test_same_numbers`. Sizes of batches are seen by `test_batches`; elsewhere no batch is short.
- What augmentation does is compared with the student's own batches without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from autograder.remote.failures import StudentError
from autograder.testing import Difference, as_tensor, assert_close

BATCH_SIZE = 5
TRAIN, TEST = 0, 15
DIGITS = slice(2, 5)
COUNTS = (8, 20, 32)
"""Images of each class: a quarter of them is a whole number."""
VAL_SIZE = sum(COUNTS) // 4
MANY = (8, 12, 16, 20, 28, 36)
"""More classes: a choice at random has each within one image of its share in about one draw of eleven."""


class _Pass(NamedTuple):
    """One pass through a loader: a row of pixels for each image, labels, and the sizes of the batches."""

    pixels: Tensor
    labels: list[float]
    sizes: list[int]


class _Data(NamedTuple):
    """Parts as (images, labels), and how many pixels an image has."""

    parts: dict[str, tuple[Tensor, Tensor]]
    pixels: int

    def read(self, name: str) -> tuple[Tensor, Tensor]:
        """What "train", "val" or "test" is made of."""
        return self.parts["test" if name == "test" else "train"]


def _integer(rng, low: int, high: int) -> int:
    """A whole number from low to high, both included."""
    return int(rng.integers(low, high + 1))


def _part(rng, size: tuple[int, int], counts: Sequence[int], part: int) -> tuple[Tensor, Tensor]:
    """Images (N, H, W) uint8 with their numbers, some dark and some bright, and labels in any order."""
    number = sum(counts)
    bright = 255 * rng.random((number, 1))
    images = np.floor(bright * rng.random((number, size[0] * size[1])))
    images[:, 0], images[:, 1], images[:, 2] = 0, 255, 17 * part
    images[:, 3], images[:, 4] = 17 * (np.arange(number) // 16), 17 * (np.arange(number) % 16)
    labels = rng.permutation(np.repeat(np.arange(len(counts)), counts))
    return torch.from_numpy(images.astype(np.uint8)).reshape(number, *size), torch.from_numpy(labels).long()


def _data(rng, counts: Sequence[int] = COUNTS, test: int = 15) -> _Data:
    size = _integer(rng, 4, 5), _integer(rng, 6, 7)
    parts = {"train": _part(rng, size, counts, TRAIN), "test": _part(rng, size, (test - 5, 5), TEST)}
    return _Data(parts, size[0] * size[1])


def _reader(student, data: _Data, **settings):
    return student.make("reader", "чтение / reading", parts=data.parts, **settings)


def _made(student, reader, **settings: Any):
    """The student's module. Raises: AssertionError where it is no object of the worker."""
    arguments = {"batch_size": BATCH_SIZE, "val_size": VAL_SIZE, **settings}
    module = student.ImagesDataModule(reader, **arguments)
    assert hasattr(module, "call"), f"ImagesDataModule gives a {type(module).__name__}"
    return module


def _ready(student, data: _Data, stages: Sequence[str] = ("fit", "test"), **settings: Any):
    module = _made(student, _reader(student, data), **settings)
    module.call("prepare_data")
    for stage in stages:
        _set_up(module, stage)
    return module


def _set_up(module, stage: str, drawn: int = 0) -> None:
    """Call `setup`; what it draws without a seed of its own follows from `drawn`."""
    module.method("setup").options(seed=drawn, want=("out",))(stage)


def _read(batches: object, pixels: int) -> _Pass:
    assert isinstance(batches, list), "a pass is no list of batches"
    rows, labels, sizes = [torch.zeros(0, pixels, dtype=torch.float64)], [], []
    for batch in batches:
        assert isinstance(batch, list | tuple), f"a batch is a {type(batch).__name__}"
        assert len(batch) == 2, f"a batch has {len(batch)} parts, expected images and labels"
        images, found = as_tensor(batch[0], "images"), as_tensor(batch[1], "labels")
        assert images.dim() > 1, f"images have shape {tuple(images.shape)}"
        number = images.shape[0]
        assert images.numel() == number * pixels, f"images have shape {tuple(images.shape)}"
        assert found.numel() == number, f"{found.numel()} labels for {number} images"
        rows.append(images.double().reshape(number, pixels))
        labels += found.flatten().tolist()
        sizes.append(number)
    return _Pass(torch.cat(rows), labels, sizes)


def _ends(found: _Pass) -> Tensor:
    """What black and white have become in each image, (N, 2)."""
    assert len(found.pixels) > 0, "a part has no images"
    ends = found.pixels[:, :2]
    assert bool((ends[:, 1] - ends[:, 0] > 1e-6).all()), "white is no brighter than black"
    return ends


def _check_normalised(ends: Tensor, right: Tensor, what: str, tolerance: float) -> None:
    """Check that black and white have become `right` (2). Raises: Difference, of mean and deviation."""
    apart = ~torch.isclose(ends, right, rtol=tolerance, atol=tolerance).all(1)
    if bool(apart.any()):
        raise Difference("values", what, pair=(_used(ends[apart.nonzero()[0, 0]]), _used(right)))


def _used(ends: Tensor) -> Tensor:
    """Mean and deviation by which black and white have become these numbers."""
    black, white = ends
    return torch.stack([-black, torch.ones_like(black)]) / (white - black)


def _scaled(found: _Pass) -> Tensor:
    """The pixels from 0 to 1 again, whatever they were normalised by."""
    ends = _ends(found)
    return (found.pixels - ends[:, :1]) / (ends[:, 1:] - ends[:, :1])


def _numbers(found: _Pass, data: _Data, name: str) -> list[int]:
    """The numbers of the images of "train", "val" or "test", in the order in which they come."""
    digits = _scaled(found)[:, DIGITS] * 15
    whole = digits.round()
    assert bool(((digits - whole).abs() < 0.1).all()), "pixels of an image are no longer what they were"
    assert bool((whole[:, 0] == (TEST if name == "test" else TRAIN)).all()), "images are of another part"
    numbers: list[int] = (16 * whole[:, 1] + whole[:, 2]).long().tolist()
    limit = len(data.read(name)[1])
    assert all(0 <= number < limit for number in numbers), "an image is none of those that were read"
    return numbers


def _check_labels(found: _Pass, data: _Data, name: str) -> None:
    labels = data.read(name)[1][_numbers(found, data, name)].tolist()
    assert found.labels == labels, f"labels of {name} are those of other images"


def _has(module, name: str) -> bool:
    try:
        module.get(name)
    except StudentError:
        return False
    return True


def test_parts(rng, student):
    asked = []
    for _ in range(2):
        data = _data(rng)
        module = _ready(student, data, seed=_integer(rng, 0, 99))
        answers = {name: student.passes(module, name)[0] for name in ("train", "val", "test")}
        asked.append((data, answers, _has(module, "cutout_px")))
    for data, answers, is_inherited in asked:
        found = {name: _read(batches, data.pixels) for name, batches in answers.items()}
        for name, one in found.items():
            _check_labels(one, data, name)
        trained, validated, tested = (_numbers(one, data, name) for name, one in found.items())
        assert not set(trained) & set(validated), "images of the validation part are trained on"
        assert sorted(trained + validated) == list(range(sum(COUNTS))), "images are lost, or come twice"
        number = len(data.read("test")[1])
        assert sorted(tested) == list(range(number)), "images of the test part are lost, or come twice"
        assert not is_inherited, "the module is one of the ready ones"


def test_proportions(rng, student):
    asked = []
    for _ in range(4):
        data = _data(rng, MANY)
        module = _ready(student, data, ("fit",), seed=_integer(rng, 0, 99), val_size=sum(MANY) // 4)
        asked.append((data, student.passes(module, "val")[0]))
    for data, answer in asked:
        labels = data.read("val")[1][_numbers(_read(answer, data.pixels), data, "val")]
        counts = labels.bincount(minlength=len(MANY)).tolist()
        expected = [count * len(labels) / sum(MANY) for count in MANY]
        if any(abs(a - b) > 1 for a, b in zip(counts, expected, strict=True)):
            what = "сколько картинок каждого класса в val / images of each class in val"
            raise Difference(
                "values", what, pair=(torch.tensor(counts).double(), torch.tensor(expected).double())
            )


def test_seed(rng, student):
    data, seed = _data(rng), _integer(rng, 0, 99)
    answers = []
    for own, drawn in ((seed, 1), (seed, 2), (seed + 1, 1), (seed + 2, 1)):
        module = _made(student, _reader(student, data), seed=own)
        module.call("prepare_data")
        _set_up(module, "fit", drawn)
        answers.append(student.passes(module, "val")[0])
    first, again, *others = (sorted(_numbers(_read(answer, data.pixels), data, "val")) for answer in answers)
    assert first == again, "the same seed gives another validation part"
    assert all(other != first for other in others), "another seed gives the same validation part"


def test_shuffling(rng, student):
    data = _data(rng)
    module = _ready(student, data, ("fit",), seed=_integer(rng, 0, 99))
    orders = [
        _numbers(_read(answer, data.pixels), data, "train")
        for answer in student.passes(module, "train", count=3)
    ]
    assert len(set(orders[0])) > 2, "there is nothing to shuffle"
    assert orders[0] != sorted(orders[0]), "the training part comes in the order in which it was read"
    assert len({tuple(order) for order in orders}) == 3, "the training part comes in one order in two passes"


def test_statistics(rng, student):
    asked = []
    for _ in range(3):
        data = _data(rng)
        module = _ready(student, data, ("fit",), seed=_integer(rng, 0, 99))
        asked.append((data, student.passes(module, "train")[0]))
    for data, answer in asked:
        found = _read(answer, data.pixels)
        numbers = _numbers(found, data, "train")
        own = data.read("train")[0][numbers].double() / 255
        mean, std = own.mean(), own.std()
        expected = (torch.tensor([0.0, 1.0], dtype=torch.float64) - mean) / std
        what = (
            "среднее и отклонение, которыми нормирован train / mean and deviation that train is normalised by"
        )
        _check_normalised(_ends(found), expected, what, 2e-3)


def test_order(rng, student):
    data = _data(rng)
    module = _ready(student, data, seed=_integer(rng, 0, 99))
    answers = {name: student.passes(module, name, count=2) for name in ("val", "test")}
    for name, both in answers.items():
        first, second = (_numbers(_read(answer, data.pixels), data, name) for answer in both)
        assert len(set(first)) > 2, f"the part {name} has no images"
        assert first == second, f"the part {name} comes in another order in each pass"
        if name == "test":
            assert first == sorted(first), "the test part is not in the order in which it was read"


def test_same_numbers(rng, student):
    data = _data(rng)
    module = _ready(student, data, seed=_integer(rng, 0, 99))
    answers = [student.passes(module, name)[0] for name in ("train", "val", "test")]
    ends = [_ends(_read(answer, data.pixels)) for answer in answers]
    for name, other in zip(("train", "val", "test"), ends, strict=True):
        what = f"среднее и отклонение {name}, рядом с train / mean and deviation of {name}, beside those of train"
        _check_normalised(other, ends[0][0], what, 1e-4)


def test_augmentation(rng, student):
    """Pixels in another order, half as bright, and brighter by a tenth: what it was can be computed again."""
    data, seed = _data(rng), _integer(rng, 0, 99)
    order = torch.from_numpy(rng.permutation(data.pixels))
    matrix = torch.zeros(data.pixels, data.pixels)
    matrix[torch.arange(data.pixels), order] = 0.5
    size = tuple(data.parts["train"][0].shape[1:])
    rows = [("change", "Affine", (1, *size), size)]
    state = {"change.matrix": matrix, "change.offset": torch.full((data.pixels,), 0.1)}
    augment = student.make("network", "изменение / augmentation", layers=rows, seed=0, state=state)
    names = ("train", "val", "test")
    answers = []
    for settings in ({}, {"augment": augment}):
        module = _ready(student, data, seed=seed, **settings)
        answers.append([student.passes(module, name)[0] for name in names])
    plain, found = ([_read(answer, data.pixels) for answer in side] for side in answers)
    for name, before, after in zip(names, plain, found, strict=True):
        black, white = _ends(before)[0].tolist()
        if name == "train":
            changed = (after.pixels - black) / (white - black)
            back = torch.zeros_like(changed)
            back[:, order] = (changed - 0.1) / 0.5
            after = after._replace(pixels=black + back * (white - black))
        numbers = [_numbers(one, data, name) for one in (before, after)]
        assert sorted(numbers[0]) == sorted(numbers[1]), f"other images of {name} with augmentation"
        places = [torch.tensor(one).argsort() for one in numbers]
        what = f"{name}, изменение отменено / {name}, the change undone"
        one, other = after.pixels[places[1]], before.pixels[places[0]]
        assert_close(one, other, rtol=1e-3, atol=1e-3, what=what)


def test_anew(rng, student):
    data, seed = _data(rng), _integer(rng, 0, 99)
    augment = student.make(
        "network", "изменение / augmentation", layers=[("drop", "Dropout", 0.5)], seed=0, training=True
    )
    answers = [
        student.passes(_ready(student, data, ("fit",), seed=seed, **settings), "train", count=2)
        for settings in ({}, {"augment": augment})
    ]
    plain, found = ([_read(answer, data.pixels) for answer in side] for side in answers)
    assert len({tuple(row) for row in plain[0].pixels.tolist()}) > 2, "there are no images"
    rows = [sorted(map(tuple, one.pixels.round(decimals=3).tolist())) for one in (*plain, *found)]
    assert rows[0] == rows[1], "images change without augmentation"
    assert rows[2] != rows[3], "images are changed in the same way in each pass"


def test_batches(rng, student):
    data, seed, size = _data(rng, test=_integer(rng, 16, 17)), _integer(rng, 0, 99), 7
    names = ("train", "val", "test")
    answers = []
    for batch_size in (1, size):
        module = _ready(student, data, seed=seed, batch_size=batch_size)
        answers.append([student.passes(module, name)[0] for name in names])
    for name, single, found in zip(names, *answers, strict=True):
        number = len(_read(single, data.pixels).pixels)
        assert number > size, f"the part {name} has {number} images"
        expected = [min(size, number - start) for start in range(0, number, size)]
        sizes = _read(found, data.pixels).sizes
        if sizes != expected:
            # Of two lists that are not equally long, the shorter one has batches of 0 images at its end.
            count = max(len(sizes), len(expected))
            pair = [torch.tensor(side + [0] * (count - len(side))) for side in (sizes, expected)]
            what = f"{name}: картинок в каждом батче (0 — нет его) / {name}: images in each batch (0: there is none)"
            raise Difference("values", what, pair=(pair[0], pair[1]))


def test_nothing_early(rng, student):
    data = _data(rng)
    reader = _reader(student, data, is_there=False)
    module = _made(student, reader, seed=_integer(rng, 0, 99))
    reader.call("arrive")
    module.call("prepare_data")
    _set_up(module, "fit")
    answers = {name: student.passes(module, name)[0] for name in ("train", "val")}
    for name, answer in answers.items():
        _check_labels(_read(answer, data.pixels), data, name)


def test_stages(rng, student):
    """A process that only validates or tests, and has not called `prepare_data`."""
    data, seed = _data(rng), _integer(rng, 0, 99)
    whole = _ready(student, data, seed=seed)
    asked = []
    for stage, name in (("validate", "val"), ("test", "test")):
        module = _made(student, _reader(student, data), seed=seed)
        _set_up(module, stage)
        asked.append((name, student.passes(whole, name)[0], student.passes(module, name)[0]))
    for name, *answers in asked:
        own, found = (_read(answer, data.pixels) for answer in answers)
        numbers = [sorted(_numbers(one, data, name)) for one in (own, found)]
        assert numbers[0] == numbers[1], f"other images of {name}"
        what = f"среднее и отклонение {name} / mean and deviation of {name}"
        _check_normalised(_ends(found)[:1], _ends(own)[0], what, 1e-4)


def test_form(rng, student):
    data = _data(rng)
    module = _ready(student, data, seed=_integer(rng, 0, 99))
    answers = {name: student.passes(module, name)[0] for name in ("train", "val", "test")}
    size = tuple(data.parts["train"][0].shape[1:])
    for name, answer in answers.items():
        _ends(_read(answer, data.pixels))
        for images, labels in answer:
            shape = (len(labels), 1, *size)
            assert tuple(images.shape) == shape, f"images of {name} have shape {tuple(images.shape)}"
            assert images.dtype == torch.float32, f"images of {name} have dtype {images.dtype}"
            assert tuple(labels.shape) == shape[:1], f"labels of {name} have shape {tuple(labels.shape)}"
            assert labels.dtype == torch.int64, f"labels of {name} have dtype {labels.dtype}"


def test_size(rng, student):
    counts = [_integer(rng, 4, 9) for _ in range(6)]
    data, size = _data(rng, counts), _integer(rng, 7, 10)
    module = _ready(student, data, ("fit",), seed=_integer(rng, 0, 99), val_size=size)
    answer = student.passes(module, "val")[0]
    kinds = []
    for wrong in (sum(counts), -1):
        try:
            _ready(student, data, ("fit",), val_size=wrong)
            kinds.append("nothing")
        except StudentError as error:
            kinds.append(error.kind)
    number = len(set(_numbers(_read(answer, data.pixels), data, "val")))
    assert number == size, f"{number} images for validation, expected {size}"
    assert kinds == ["ValueError"] * 2, f"sizes that cannot be raise {kinds}, expected ValueError"
