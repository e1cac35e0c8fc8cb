"""Открытые тесты D2: окна, которые можно нарисовать / Public tests of D2: windows that can be drawn."""

from __future__ import annotations

from autograder.testing import as_number


def _check(found: object, expected: int, call: str) -> None:
    number = as_number(found, call)
    assert number == expected, (
        f"{call}: {number:g}, ожидалось {expected} / {call}: {number:g}, expected {expected}"
    )


def _check_refused(function, call: str, *arguments: int, **options: int) -> None:
    kind = "исключения нет / no exception"
    try:
        function(*arguments, **options)
    except Exception as error:
        kind = getattr(error, "kind", type(error).__name__)
    assert kind == "ValueError", f"{call}: {kind}, ожидался ValueError / {call}: {kind}, expected ValueError"


def test_window(student):
    """окно 3 на ряду из 50 / a window of 3 on a row of 50"""
    _check(student.out_size(50, 3), 48, "out_size(50, 3)")
    _check(student.out_size(5, 5), 1, "out_size(5, 5)")


def test_stride(student):
    """шаг, который делит число мест и который не делит / a stride that divides the places, and one that does not"""
    _check(student.out_size(7, 3, stride=2), 3, "out_size(7, 3, stride=2)")
    _check(student.out_size(8, 3, stride=2), 3, "out_size(8, 3, stride=2)")
    _check(student.out_size(227, 11, stride=4), 55, "out_size(227, 11, stride=4)")
    _check(student.out_size(224, 11, stride=4), 54, "out_size(224, 11, stride=4)")


def test_padding(student):
    """дополнение стоит с двух сторон / padding stands on both sides"""
    _check(student.out_size(5, 3, padding=1), 5, "out_size(5, 3, padding=1)")
    _check(student.out_size(5, 3, padding=2), 7, "out_size(5, 3, padding=2)")


def test_dilation(student):
    """разрежение растягивает окно / dilation stretches the window"""
    _check(student.out_size(9, 3, dilation=2), 5, "out_size(9, 3, dilation=2)")
    _check(student.out_size(9, 1, dilation=4), 9, "out_size(9, 1, dilation=4)")
    together = student.out_size(9, 3, stride=2, padding=1, dilation=2)
    _check(together, 4, "out_size(9, 3, stride=2, padding=1, dilation=2)")


def test_too_large(student):
    """окно, которое не помещается / a window that does not fit"""
    _check(student.out_size(4, 6, padding=1), 1, "out_size(4, 6, padding=1)")
    _check_refused(student.out_size, "out_size(4, 6)", 4, 6)
    _check_refused(student.out_size, "out_size(4, 5, stride=2)", 4, 5, stride=2)
    _check_refused(student.out_size, "out_size(5, 3, dilation=3)", 5, 3, dilation=3)


def test_same_padding(student):
    """дополнение, которое сохраняет размер / the padding that keeps the size"""
    for kernel, dilation, expected in ((3, 1, 1), (5, 1, 2), (1, 1, 0), (3, 2, 2), (2, 2, 1)):
        found = student.same_padding(kernel, dilation)
        _check(found, expected, f"same_padding({kernel}, {dilation})")


def test_no_same_padding(student):
    """дополнения, которое сохраняет размер, нет / there is no padding that keeps the size"""
    _check(student.same_padding(3), 1, "same_padding(3)")
    _check_refused(student.same_padding, "same_padding(2)", 2)
    _check_refused(student.same_padding, "same_padding(4, 3)", 4, 3)
