"""ru: Открытые тесты P1: карты, среднее которых видно сразу.
en: Public tests of P1: maps whose mean can be seen at once.
"""

from __future__ import annotations

import torch

from autograder.testing import as_tensor, assert_close


def test_two_channels(student):
    """две карты 2x2 / two maps of 2x2"""
    x = torch.tensor([[[[1.0, 3.0], [5.0, 7.0]], [[0.0, 0.0], [0.0, 8.0]]]])
    right = torch.tensor([[4.0, 2.0]])
    assert_close(
        student.global_mean(x), right, rtol=1e-4, atol=1e-4, what="две карты / two maps", any_float=True
    )


def test_one_row(student):
    """карта в одну строку / a map of one row"""
    x = torch.tensor([[[[1.0, 2.0, 6.0]]]])
    right = torch.tensor([[3.0]])
    assert_close(
        student.global_mean(x), right, rtol=1e-4, atol=1e-4, what="строка 1 2 6 / row 1 2 6", any_float=True
    )


def test_double_stays_double(student):
    """float64 остаётся float64 / float64 stays float64"""
    found = as_tensor(student.global_mean(torch.ones(1, 1, 2, 2, dtype=torch.float64))).dtype
    assert found == torch.float64, f"тип {found} / the dtype is {found}"
