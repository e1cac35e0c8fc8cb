"""ru: Открытые тесты G3: карты, косинус которых считается на бумаге.
en: Public tests of G3: maps whose cosine can be worked out on paper.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


def _map(*rows: list[float]) -> Tensor:
    """(H, W) -> (1, 1, H, W)."""
    return torch.tensor(rows, dtype=torch.float32)[None, None]


def _check(student, features: Tensor, shifted: Tensor, kernel: Any, ratio: float, cosine: float) -> None:
    answer = student.pool_report(features, shifted, kernel)
    answer = answer.tolist() if hasattr(answer, "tolist") else answer
    pair = isinstance(answer, list | tuple) and len(answer) == 2
    assert pair, f"ответ {answer}, нужны два числа / the answer is {answer}, two numbers are needed"
    for found, right, what in zip(answer, (ratio, cosine), ("mac_ratio", "cosine"), strict=True):
        found = found.item() if isinstance(found, Tensor) and found.numel() == 1 else found
        is_close = isinstance(found, int | float) and abs(found - right) < 1e-4
        assert is_close, (
            f"kernel_size={kernel}: {what} {found}, ожидалось {right:g} / "
            f"kernel_size={kernel}: {what} is {found}, expected {right:g}"
        )


SPOT = _map([9, 0, 0, 0], [0, 0, 0, 0])
MOVED = _map([0, 9, 0, 0], [0, 0, 0, 0])
FAR = _map([0, 0, 9, 0], [0, 0, 0, 0])


def test_spot(student):
    """пятно, которое сдвинули / a spot that was moved"""
    _check(student, SPOT, MOVED, 1, 1, 0)
    # ru: Оба места в одном окне 2x2, и после пулинга карты одинаковы.
    # en: Both places are in one window of 2x2, and after pooling the maps are equal.
    _check(student, SPOT, MOVED, 2, 0.25, 1)
    _check(student, SPOT, FAR, 2, 0.25, 0)


def test_cosine(student):
    """косинус 0.96 и знак / a cosine of 0.96, and the sign"""
    _check(student, _map([3, 4]), _map([4, 3]), 1, 1, 0.96)
    _check(student, _map([3, 4]), _map([-30, -40]), 1, 1, -1)
    # ru: Два канала — один длинный вектор: (3, 0, 0, 4) и (3, 0, 4, 0).
    # en: Two channels are one long vector: (3, 0, 0, 4) and (3, 0, 4, 0).
    two, moved = torch.cat([_map([3, 0]), _map([0, 4])], 1), torch.cat([_map([3, 0]), _map([4, 0])], 1)
    _check(student, two, moved, 1, 1, 0.36)


def test_maximum(student):
    """в окне побеждает наибольшее / the largest number of a window wins"""
    features, shifted = _map([3, 1, 4, 1], [1, 1, 1, 1]), _map([4, 0, 3, 0], [0, 0, 0, 0])
    _check(student, features, shifted, 2, 0.25, 0.96)


def test_images(student):
    """среднее по картинкам, яркость не важна / the mean over images, however bright"""
    features, shifted = torch.cat([SPOT, 10 * SPOT]), torch.cat([SPOT, MOVED])
    _check(student, features, shifted, 1, 1, 0.5)


def test_ragged(student):
    """неполные окна отброшены / windows that do not fit are left out"""
    features, shifted = _map([3, 3, 4, 4, 7], [0, 0, 0, 0, 0]), _map([4, 4, 3, 3, -9], [0, 0, 0, 0, 0])
    _check(student, features, shifted, 2, 0.2, 0.96)


def test_pairs(student):
    """окно (1, 2) — одна строка, два столбца / a window of (1, 2) is one row and two columns"""
    _check(student, SPOT, MOVED, (1, 2), 0.5, 1)
    _check(student, SPOT, MOVED, (2, 1), 0.5, 0)
    _check(student, SPOT, FAR, (2, 4), 0.125, 1)


def test_left_as_it_was(student):
    """карты не меняются, невозможное — ValueError / maps do not change, the impossible is a ValueError"""
    asked = student.pool_report.options(want=("inputs_after",))
    after = asked(SPOT, MOVED, 2).inputs_after
    is_same = all(torch.equal(one, other) for one, other in zip(after[:2], (SPOT, MOVED), strict=True))
    assert is_same, "после вызова карты другие / after the call the maps are others"
    for features, shifted, kernel in (
        (SPOT, MOVED, 3),
        (SPOT, torch.cat([MOVED, MOVED]), 2),
        (SPOT, MOVED, 0),
    ):
        kind = "исключения нет / no exception"
        try:
            student.pool_report(features, shifted, kernel)
        except Exception as error:
            kind = getattr(error, "kind", type(error).__name__)
        shapes = f"{tuple(features.shape)}, {tuple(shifted.shape)}, kernel_size={kernel}"
        assert kind == "ValueError", (
            f"{shapes}: {kind}, ожидался ValueError / {shapes}: {kind}, expected ValueError"
        )
