"""ru: Открытые тесты M2: шесть стрелок на плоскости.
en: Public tests of M2: six arrows in the plane.
"""

from __future__ import annotations

import torch

from autograder.testing import as_tensor

# ru: Направления 0, 10, 30, 90, 180 и -20 градусов, длины разные.
# en: Directions of 0, 10, 30, 90, 180 and -20 degrees, and different lengths.
ANGLES = torch.deg2rad(torch.tensor([0.0, 10.0, 30.0, 90.0, 180.0, -20.0]))
LENGTHS = torch.tensor([1.0, 0.1, 5.0, 2.0, 1.0, 1.0])
ARROWS = LENGTHS[:, None] * torch.stack([ANGLES.cos(), ANGLES.sin()], dim=1)
# ru: Строки 0, 2 и 5 смотрят в одну сторону, строка 3 — нули, строка 4 смотрит назад.
# en: Rows 0, 2 and 5 point the same way, row 3 is zero, row 4 points back.
ALONG_AXES = torch.tensor([[1.0, 0.0], [0.0, 2.0], [4.0, 0.0], [0.0, 0.0], [-1.0, 0.0], [1.0, 0.0]])


def _check(student, features: torch.Tensor, queries: list[int], right: list[list[int]]) -> None:
    k = len(right[0])
    found = as_tensor(student.nearest(features, torch.tensor(queries), k), "соседи / neighbours").tolist()
    assert found == right, (
        f"строки {queries}: соседи {found}, ожидались {right} / rows {queries}: neighbours {found}, expected {right}"
    )


def test_one_query(student):
    """соседи стрелки 0 / neighbours of arrow 0"""
    _check(student, ARROWS, [0], [[1, 5, 2]])


def test_two_queries(student):
    """соседи стрелок 4 и 3 / neighbours of arrows 4 and 3"""
    _check(student, ARROWS, [4, 3], [[3, 2], [2, 1]])


def test_all_neighbours(student):
    """равные по порядку номеров, косинус с нулями — ноль / equal ones by number, the cosine with zeros is zero"""
    # ru: Косинусы с остальными строками: 0, 1, 0, -1, 1.
    # en: Cosines with the other rows: 0, 1, 0, -1, 1.
    _check(student, ALONG_AXES, [0], [[2, 5, 1, 3, 4]])


def test_copies(student):
    """копия — сосед, сама строка — нет / a copy is a neighbour, the row itself is not"""
    _check(student, ALONG_AXES, [5, 2], [[0, 2], [0, 5]])
