"""ru: Открытые тесты K1: картинки из шести пикселей; в третьем стоит номер картинки.
en: Public tests of K1: images of six pixels; the third holds the number of the image.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from autograder.testing import assert_close

LABELS = (1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1)


def _images(first: int, count: int, last: int = 0) -> Tensor:
    """ru: Картинки 2x3: чёрный и белый пиксель, номер на 10, два чёрных и последний пиксель.
    en: Images of 2x3: a black and a white pixel, ten times the number, two black ones and the last pixel.
    """
    images = torch.zeros(count, 2, 3, dtype=torch.uint8)
    images[:, 0, 1], images[:, 0, 2], images[:, 1, 2] = 255, 10 * torch.arange(first, first + count), last
    return images


def _module(student, stages: Sequence[str] = ("fit", "test"), is_there: bool = True, **settings: Any):
    """ru: Двенадцать картинок для обучения, из них три для проверки, и четыре тестовых с номерами от 20.
    en: Twelve images for training, three of them for validation, and four for the test, with numbers from 20.
    """
    parts = {
        "train": (_images(0, 12), torch.tensor(LABELS)),
        "test": (_images(20, 4, last=255), torch.tensor([1, 0, 0, 1])),
    }
    reader = student.make("reader", parts=parts, is_there=is_there)
    module = student.ImagesDataModule(reader, **{"batch_size": 3, "val_size": 3, **settings})
    assert hasattr(module, "call"), "это не модуль данных / this is no data module"
    if not is_there:
        reader.call("arrive")
    for stage in stages:
        module.call("setup", stage)
    return module


def _joined(batches: Sequence[Any]) -> tuple[Tensor, list[int]]:
    """ru: Все картинки строками по шесть чисел и все метки.
    en: All images as rows of six numbers, and all labels.
    """
    assert batches, "батчей нет / there are no batches"
    rows, labels = [], []
    for batch in batches:
        pair = isinstance(batch, tuple) and len(batch) == 2 and all(isinstance(x, Tensor) for x in batch)
        assert pair, "батч — не пара тензоров / a batch is no pair of tensors"
        assert batch[0].numel() == 6 * batch[1].numel() > 0, (
            f"картинки {tuple(batch[0].shape)} и метки {tuple(batch[1].shape)} не подходят / "
            f"images {tuple(batch[0].shape)} and labels {tuple(batch[1].shape)} do not fit"
        )
        rows.append(batch[0].reshape(-1, 6).double())
        labels.append(batch[1].flatten())
    return torch.cat(rows), torch.cat(labels).tolist()


def _numbers(batches: Sequence[Any]) -> list[int]:
    """ru: Номера картинок, как бы ни были нормированы пиксели.
    en: The numbers of the images, whatever their pixels were normalised by.
    """
    rows, _ = _joined(batches)
    is_brighter = bool((rows[:, 1] > rows[:, 0]).all())
    assert is_brighter, "белый пиксель не светлее чёрного / the white pixel is no brighter than the black one"
    return (25.5 * (rows[:, 2] - rows[:, 0]) / (rows[:, 1] - rows[:, 0])).round().long().tolist()


def _all(student, module, name: str) -> list[int]:
    return _numbers(student.passes(module, name)[0])


def test_parts(student):
    """каждая картинка в одной части и со своей меткой / each image is in one part, with its label"""
    module = _module(student)
    trained, validated, tested = (_all(student, module, name) for name in ("train", "val", "test"))
    twice = sorted(set(trained) & set(validated))
    assert not twice, f"и в train, и в val картинки {twice} / in train as well as in val: {twice}"
    found = sorted(trained + validated)
    assert found == list(range(12)), (
        f"в train и val картинки {found}, нужны 0..11 / train and val hold {found}, expected 0..11"
    )
    assert tested == [20, 21, 22, 23], (
        f"в test картинки {tested}, нужны 20..23 по порядку / test holds {tested}, expected 20..23 in order"
    )
    for name in ("train", "val"):
        batches = student.passes(module, name)[0]
        labels, right = _joined(batches)[1], [LABELS[number] for number in _numbers(batches)]
        assert labels == right, (
            f"{name}: метки {labels}, нужны {right} / {name}: labels {labels}, expected {right}"
        )
    try:
        module.get("cutout_px")
    except Exception:
        return
    raise AssertionError(
        "модуль унаследован от готового, а не от LightningDataModule / the module is a subclass of a ready one"
    )


def test_proportions(student):
    """классы в val, как во всех картинках / classes in val as in all images"""
    for seed in range(8):
        numbers = _all(student, _module(student, ("fit",), seed=seed), "val")
        classes = sorted(LABELS[number] for number in numbers)
        assert classes == [0, 1, 1], (
            f"seed {seed}: классы в val {classes}, нужны [0, 1, 1] / "
            f"seed {seed}: classes in val are {classes}, expected [0, 1, 1]"
        )


def test_seed(student):
    """какие картинки в val, решает seed / seed decides which images are in val"""
    chosen = []
    for seed, drawn in ((1, 0), (1, 5), (2, 0), (3, 0), (4, 0)):
        module = _module(student, (), seed=seed)
        module.method("setup").options(seed=drawn, want=("out",))("fit")
        chosen.append(sorted(_all(student, module, "val")))
    assert chosen[0] == chosen[1], (
        f"seed=1 дважды: {chosen[0]} и {chosen[1]} / seed=1 twice: {chosen[0]} and {chosen[1]}"
    )
    assert any(other != chosen[0] for other in chosen[2:]), (
        f"при seed от 1 до 4 одна часть: {chosen[0]} / seeds from 1 to 4 give one part: {chosen[0]}"
    )


def test_order(student):
    """train перемешан каждый раз заново, val и test нет / train is shuffled anew each time, val and test are not"""
    module = _module(student, batch_size=2, val_size=6)
    orders = [_numbers(one) for one in student.passes(module, "train", count=3)]
    assert len({tuple(order) for order in orders}) > 1, (
        f"train каждый раз в порядке {orders[0]} / train is always in the order {orders[0]}"
    )
    for name in ("val", "test"):
        orders = [_numbers(one) for one in student.passes(module, name, count=3)]
        assert orders[0] == orders[1] == orders[2], (
            f"{name} в разном порядке: {orders} / {name} in different orders: {orders}"
        )


def test_statistics(student):
    """среднее и отклонение обучающей части / mean and deviation of the training part"""
    for seed in range(4):
        module = _module(student, seed=seed)
        batches = {name: student.passes(module, name)[0] for name in ("train", "val", "test")}
        pixels = torch.cat([_images(number, 1).double() / 255 for number in _numbers(batches["train"])])
        right = torch.stack([pixels.mean(), pixels.std(correction=0)])
        for name, found in batches.items():
            black, white = _joined(found)[0][0, :2].tolist()
            used = torch.tensor([-black / (white - black), 1 / (white - black)])
            what = f"{name}: среднее / {name}: mean"
            assert_close(used[:1], right[:1], rtol=0, atol=5e-4, what=what, any_float=True)
            what = f"{name}: отклонение / {name}: std"
            assert_close(used[1:], right[1:], rtol=0.012, atol=0, what=what, any_float=True)


def test_augmentation(student):
    """augment меняет train, каждый раз заново / augment changes train alone, anew each time"""
    minus = {"turn.matrix": -torch.eye(6), "turn.offset": torch.ones(6)}
    rows = [("turn", "Affine", (1, 2, 3), (2, 3))]
    negative = student.make("network", layers=rows, seed=0, state=minus)
    plain, turned = _module(student), _module(student, augment=negative)
    for name, black in (("train", 1), ("val", 0), ("test", 0)):
        before, _ = _joined(student.passes(plain, name)[0])
        after, _ = _joined(student.passes(turned, name)[0])
        found, right = after[0, :2], torch.stack([before[0, black], before[0, 1 - black]])
        what = f"{name}, augment(x) = 1 - x: чёрный и белый / {name}, augment(x) = 1 - x: black and white"
        assert_close(found, right, rtol=0, atol=1e-3, what=what, any_float=True)
    dropped = student.make("network", layers=[("drop", "Dropout", 0.5)], seed=0, training=True)
    both = student.passes(_module(student, augment=dropped), "train", count=2)
    first, second = (sorted(map(tuple, _joined(one)[0].round(decimals=3).tolist())) for one in both)
    assert first != second, (
        "картинки второй раз изменены так же / the second time images are changed in the same way"
    )


def test_batches(student):
    """размеры батчей, формы и типы / sizes of batches, shapes and types"""
    module = _module(student, batch_size=2)
    for name, right in (("train", [2, 2, 2, 2, 1]), ("val", [2, 1]), ("test", [2, 2])):
        batches = student.passes(module, name)[0]
        _joined(batches)
        sizes = [len(labels) for _, labels in batches]
        assert sizes == right, (
            f"{name}: батчи {sizes}, нужны {right} / {name}: batches {sizes}, expected {right}"
        )
        images, labels = batches[0]
        kinds = tuple(images.shape), images.dtype, tuple(labels.shape), labels.dtype
        expected = (2, 1, 2, 3), torch.float32, (2,), torch.int64
        assert kinds == expected, (
            f"{name}: {kinds}, ожидалось {expected} / {name}: {kinds}, expected {expected}"
        )
    module = _module(student, batch_size=3)
    sizes = [len(labels) for _, labels in student.passes(module, "test")[0]]
    assert sizes == [3, 1], f"test: батчи {sizes}, нужны [3, 1] / test: batches {sizes}, expected [3, 1]"


def test_when(student):
    """в __init__ не читают, setup("test") работает один / __init__ reads nothing, setup("test") works alone"""
    whole = _module(student, is_there=False)
    for stage, name in (("validate", "val"), ("test", "test")):
        alone = _module(student, (stage,))
        right, _ = _joined(student.passes(whole, name)[0])
        found, _ = _joined(student.passes(alone, name)[0])
        what = f"setup({stage!r}): чёрный и белый / setup({stage!r}): black and white"
        assert_close(found[0, :2], right[0, :2], rtol=0, atol=1e-4, what=what, any_float=True)


def test_size(student):
    """val_size соблюдается точно / val_size is kept exactly"""
    for size in (1, 2, 4, 5):
        number = len(_all(student, _module(student, ("fit",), val_size=size), "val"))
        assert number == size, (
            f"val_size={size}: в val {number} картинок / val_size={size}: val has {number} images"
        )
    for size in (12, -1):
        kind = "исключения нет / no exception"
        try:
            _module(student, ("fit",), val_size=size)
        except Exception as error:
            kind = getattr(error, "kind", type(error).__name__)
        assert kind == "ValueError", (
            f"val_size={size}: {kind}, ожидался ValueError / val_size={size}: {kind}, expected ValueError"
        )
