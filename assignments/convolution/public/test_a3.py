"""ru: Открытые тесты A3: несколько картинок, у которых всё можно посчитать на бумаге.
en: Public tests of A3: a few images for which all can be worked out on paper.
"""

from __future__ import annotations

import torch
from torch import Tensor

from autograder.testing import assert_close


def _stats(student, channels: list[list[float]], batch_size: int) -> tuple[object, object]:
    """ru: Картинки из двух одинаковых пикселей; channels: яркость каждой картинки, по каналам.
    en: Images of two equal pixels; channels: how bright each image is, channel by channel.
    """
    pixels = torch.tensor(channels, dtype=torch.float32).T[:, :, None, None].expand(-1, -1, 1, 2).contiguous()
    labels = torch.zeros(len(pixels), dtype=torch.int64)
    batches = student.make("loader", images=pixels, labels=labels, batch_size=batch_size)
    answer = student.channel_stats(batches)
    assert isinstance(answer, tuple | list), (
        f"получен {type(answer).__name__}, ожидалась пара / got a {type(answer).__name__}, expected a pair"
    )
    assert len(answer) == 2, f"значений {len(answer)}, ожидалось 2 / {len(answer)} values, expected 2"
    return answer[0], answer[1]


def _check(student, channels: list[list[float]], size: int, mean: list[float], std: list[float]) -> None:
    found = _stats(student, channels, size)
    for name, value, right in (("mean", found[0], mean), ("std", found[1], std)):
        what = (
            f"яркость {channels}, батчи по {size}: {name} / brightness {channels}, batches of {size}: {name}"
        )
        assert_close(value, torch.tensor(right), rtol=1e-3, atol=1e-3, what=what, any_float=True)


def test_one_batch(student):
    """один батч, два канала / one batch, two channels"""
    _check(student, [[0, 0, 4, 4], [1, 7, 1, 7]], 4, [2.0, 4.0], [2.0, 3.0])
    for value, right in zip(_stats(student, [[0, 2]], 2), (1.0, 1.0), strict=True):
        assert_close(
            value, torch.tensor([right]), rtol=1e-3, atol=1e-3, what="тип результата / dtype of the result"
        )


def test_dark_and_bright_batch(student):
    """тёмный батч и светлый / a dark batch and a bright one"""
    _check(student, [[0, 0, 4, 4], [1, 7, 1, 7]], 2, [2.0, 4.0], [2.0, 3.0])


def test_short_last_batch(student):
    """последний батч короче / the last batch is shorter"""
    _check(student, [[0, 0, 0, 0, 5], [10, 10, 10, 10, 20]], 4, [1.0, 12.0], [2.0, 4.0])


def test_three_numbers(student):
    """разброс трёх чисел / the deviation of three numbers"""
    _check(student, [[-3, 0, 3]], 3, [0.0], [2.4495])


def test_far_from_zero(student):
    """большие и близкие числа / numbers that are large and close together"""
    _check(student, [[10001, 10003], [0.5, 0.5]], 1, [10002.0, 0.5], [1.0, 0.0])


def test_no_images(student):
    """ни одной картинки / no image at all"""
    _check(student, [[0, 2]], 1, [1.0], [1.0])
    kind, none = "исключения нет / no exception", Tensor()
    try:
        student.channel_stats(
            student.make("loader", images=none.reshape(0, 1, 2, 2), labels=none.long(), batch_size=1)
        )
    except Exception as error:
        kind = getattr(error, "kind", type(error).__name__)
    assert kind == "ValueError", (
        f"загрузчик без картинок: {kind}, ожидался ValueError / a loader without images: {kind}, expected ValueError"
    )
