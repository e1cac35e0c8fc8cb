"""Public tests of M2: six arrows in the plane."""

from __future__ import annotations

import torch

from autograder.testing import as_tensor

# Направления 0, 10, 30, 90, 180 и -20 градусов; длины разные / directions in degrees; lengths differ
ANGLES = torch.deg2rad(torch.tensor([0.0, 10.0, 30.0, 90.0, 180.0, -20.0]))
LENGTHS = torch.tensor([1.0, 0.1, 5.0, 2.0, 1.0, 1.0])
FEATURES = LENGTHS[:, None] * torch.stack([ANGLES.cos(), ANGLES.sin()], dim=1)


def _neighbours(student, queries: list[int], k: int) -> list[list[int]]:
    return as_tensor(student.nearest(FEATURES, torch.tensor(queries), k), "соседи / neighbours").tolist()


def test_one_query(student):
    """соседи стрелки 0 / neighbours of arrow 0"""
    found = _neighbours(student, [0], 3)
    assert found == [[1, 5, 2]], f"соседи / neighbours: {found}, ожидалось / expected [[1, 5, 2]]"


def test_two_queries(student):
    """соседи стрелок 3 и 4 / neighbours of arrows 3 and 4"""
    found = _neighbours(student, [3, 4], 2)
    assert found == [[2, 1], [3, 2]], f"соседи / neighbours: {found}, ожидалось / expected [[2, 1], [3, 2]]"
