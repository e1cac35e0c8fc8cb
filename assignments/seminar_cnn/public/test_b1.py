"""Открытые тесты B1: числа лекции и маленькие слои / Public tests of B1: the lecture's numbers and small layers."""

from __future__ import annotations

from autograder.testing import as_number


def _check(found: object, expected: int, call: str) -> None:
    number = as_number(found, call)
    assert number == expected, (
        f"{call}: {number:g}, ожидалось {expected} / {call}: {number:g}, expected {expected}"
    )


def test_one_layer(student):
    """числа лекции: 260 и 150 528 000 / the lecture's numbers: 260 and 150,528,000"""
    _check(student.dense_params((25, 10)), 260, "dense_params((25, 10))")
    weights = student.dense_params((224 * 224 * 3, 1000), bias=False)
    _check(weights, 150_528_000, "dense_params((150528, 1000), bias=False)")
    _check(student.dense_params((3, 2), bias=True), 8, "dense_params((3, 2), bias=True)")


def test_hidden_layers(student):
    """скрытые слои / hidden layers"""
    _check(student.dense_params((25, 10, 10)), 370, "dense_params((25, 10, 10))")
    _check(student.dense_params((3, 4, 2, 5), bias=False), 30, "dense_params((3, 4, 2, 5), bias=False)")


def test_convolution(student):
    """свёрточный слой / a convolutional layer"""
    _check(student.conv_params(1, 10, 5), 260, "conv_params(1, 10, 5)")
    _check(student.conv_params(6, 16, 5), 2416, "conv_params(6, 16, 5)")
    _check(student.conv_params(6, 16, 5, bias=False), 2400, "conv_params(6, 16, 5, bias=False)")


def test_groups(student):
    """каналы, разбитые на группы / channels in groups"""
    _check(student.conv_params(4, 6, 3, groups=2), 114, "conv_params(4, 6, 3, groups=2)")
    _check(
        student.conv_params(4, 4, 3, groups=4, bias=False), 36, "conv_params(4, 4, 3, groups=4, bias=False)"
    )


def test_kernel_pair(student):
    """ядро 2x3 / a kernel of 2x3"""
    _check(student.conv_params(4, 1, (2, 3)), 25, "conv_params(4, 1, (2, 3))")
