"""ru: Открытые тесты X1: форма ответа и то же рассмотрение картинок, что при проверке работы.
en: Public tests of X1: the form of the answer, and the images looked at as they are when the homework is graded.
"""

from __future__ import annotations

from autograder.testing import Illustrated, as_tensor
from hw_cnn.data import examine_digits

# ru: При пяти хороших картинках баллов ещё нет, при семи — все.
# en: Five good images earn no points yet, seven earn all of them.
ALL_POINTS = 7


def test_ten_drawings(student):
    """не меньше семи картинок засчитано / at least seven images count"""
    images = as_tensor(student.own_digits(), "own_digits()")
    assert tuple(images.shape) == (10, 28, 28), (
        f"форма {tuple(images.shape)}, нужна (10, 28, 28) / the shape is {tuple(images.shape)}, expected (10, 28, 28)"
    )
    again = as_tensor(student.own_digits(), "own_digits()")
    same = "второй вызов даёт другие картинки / the second call gives other images"
    assert images.dtype == again.dtype, same
    assert images.equal(again), same
    good = examine_digits(images).count("fine")
    if good < ALL_POINTS:
        said = {
            lang: ", ".join(f"{digit}: {word}" for digit, word in enumerate(examine_digits(images, lang)))
            for lang in ("ru", "en")
        }
        raise Illustrated(
            f"засчитано {good} из 10, нужно {ALL_POINTS}: {said['ru']}"
            f" / {good} of 10 count, {ALL_POINTS} needed: {said['en']}",
            {},
            (good, ALL_POINTS),
        )
