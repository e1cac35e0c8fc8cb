"""ru: Открытые тесты F5: ответ на бумаге и скорость рядом с четырьмя циклами.
en: Public tests of F5: an answer on paper, and speed beside four loops.
"""

from __future__ import annotations

import time

import torch

from autograder.testing import Illustrated, assert_close

TIMES = 100
# ru: Столько строк и столбцов в картинках: на большой видно скорость, на маленькой успевают и циклы.
# en: So many rows and columns have the images: a large one shows speed, a small one is done by loops, too.
MANY, FEW = 66, 8


def test_paper(student):
    """числа, которые можно проверить на бумаге, и три фильтра / numbers to check by hand, and three filters"""
    x = torch.tensor([[[[1.0, 2, 3], [4, 5, 6], [7, 8, 9]]]])
    actual = student.conv2d_fast(x, torch.tensor([[[[1.0, 10], [100, 1000]]]]))
    expected = torch.tensor([[[[5421.0, 6532], [8754, 9865]]]])
    what = "ядро [[1, 10], [100, 1000]] / kernel [[1, 10], [100, 1000]]"
    assert_close(actual, expected, rtol=1e-4, atol=1e-4, what=what, any_float=True)
    x = torch.arange(1.0, 17).reshape(2, 2, 2, 2)
    weight = torch.zeros(3, 2, 1, 1)
    weight[:, :, 0, 0] = torch.tensor([[1.0, 0], [0, 1], [10, 1]])
    mixed = torch.stack([x[:, 0], x[:, 1], 10 * x[:, 0] + x[:, 1]], dim=1)
    actual = student.conv2d_fast(x, weight)
    assert_close(actual, mixed, rtol=1e-4, atol=1e-4, what="ядра 1x1 / kernels 1x1", any_float=True)


def _slow(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Четыре цикла: картинка, фильтр, строка, столбец / Four loops: image, filter, row, column."""
    rows, columns = x.shape[2] - weight.shape[2] + 1, x.shape[3] - weight.shape[3] + 1
    result = torch.zeros(len(x), len(weight), rows, columns)
    for n, picture in enumerate(x):
        for o, box in enumerate(weight):
            for i in range(rows):
                for j in range(columns):
                    seen = picture[:, i : i + weight.shape[2], j : j + weight.shape[3]]
                    result[n, o, i, j] = (seen * box).sum()
    return result


def _fastest(function, side: int, times: int) -> float:
    """Секунды лучшего из нескольких вызовов / Seconds of the best of some calls."""
    seconds = []
    for turn in range(times):
        generator = torch.Generator().manual_seed(turn)
        x, weight = (
            torch.rand(4, 3, side, side, generator=generator),
            torch.rand(8, 3, 3, 3, generator=generator),
        )
        begin = time.perf_counter()
        function(x, weight)
        seconds.append(time.perf_counter() - begin)
    return min(seconds)


def test_beside_loops(student):
    """во сколько раз быстрее четырёх циклов / how many times as fast as four loops"""
    call = student.conv2d_fast.options(want=("out",), watched=False, call_s=20.0)
    loops = _fastest(_slow, FEW, times=3)
    more = ((MANY - 2) / (FEW - 2)) ** 2
    # ru: Кто медленнее циклов и на маленькой картинке, ждал бы большую слишком долго.
    # en: Who is slower than loops on a small image, too, would wait for a large one too long.
    ratio = loops / _fastest(call, FEW, times=3)
    if ratio > 1.5:
        ratio = more * loops / _fastest(call, MANY, times=9)
    if ratio < TIMES:
        raise Illustrated(
            f"быстрее циклов в {ratio:.1f} раз, нужно в {TIMES} раз; в 10 раз баллов ещё нет / "
            f"{ratio:.1f} times as fast as the loops, {TIMES} needed; 10 earn no points yet",
            {},
            (round(ratio, 1), TIMES),
        )
