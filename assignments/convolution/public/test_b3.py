"""ru: Открытые тесты B3: картинка из одного белого пикселя и сети, которые знают, где он.
en: Public tests of B3: an image of one white pixel, and networks that know where it is.
"""

from __future__ import annotations

import torch
from torch import Tensor

from autograder.testing import assert_close

ALL = {(row, column) for row in range(3) for column in range(3)}


def _places(student, side: int, places: set[tuple[int, int]], dropout: float = 0.0, **modes):
    """ru: Сеть отвечает 1, если в одном из этих мест есть белый пиксель, и 0, если нет.
    en: The network says 1 where one of these places has a white pixel, and 0 where none has.
    """
    weight = torch.zeros(2, side * side)
    for row, column in places:
        weight[1, row * side + column] = 1
    state = {"last.weight": weight, "last.bias": torch.tensor([0.5, 0.0])}
    layers = [("flat", "Flatten"), ("drop", "Dropout", dropout), ("last", "Linear", side * side, 2)]
    return student.make("network", layers=layers, seed=0, state=state, **{"training": False, **modes})


def _pixel(side: int, row: int, column: int) -> Tensor:
    image = torch.zeros(1, 1, side, side)
    image[0, 0, row, column] = 1
    return image


def _check(student, net, images: Tensor, labels: list[int], right: list[float], what: str, **options) -> None:
    found = student.shift_curve(net, images, torch.tensor(labels), len(right) - 1, **options)
    assert_close(found, torch.tensor(right), rtol=0, atol=1e-4, what=what, any_float=True)


def test_middle(student):
    """пиксель в середине / a pixel in the middle"""
    what = "сеть знает середину / the network knows the middle"
    _check(student, _places(student, 3, {(1, 1)}), _pixel(3, 1, 1), [1], [1.0, 0.0], what)
    what = "сеть знает всю картинку / the network knows the whole image"
    _check(student, _places(student, 3, ALL), _pixel(3, 1, 1), [1], [1.0, 1.0], what)


def test_right_column(student):
    """правый столбец: три направления из восьми / the right column: three directions of eight"""
    what = "картинка 3x3 / image of 3x3"
    column = {(0, 2), (1, 2), (2, 2)}
    _check(student, _places(student, 3, column), _pixel(3, 1, 1), [1], [0.0, 0.375], what)
    what = "картинка 5x5, два пикселя сдвига / image of 5x5, moved by two pixels"
    column = {(row, 4) for row in range(5)}
    _check(student, _places(student, 5, column), _pixel(5, 2, 2), [1], [0.0, 0.0, 0.375], what)


def test_border(student):
    """пиксель уходит за край и не возвращается / a pixel leaves the image and does not come back"""
    what = "пиксель у правого края / a pixel at the right border"
    _check(student, _places(student, 3, ALL), _pixel(3, 1, 2), [1], [1.0, 0.625], what)


def test_fill(student):
    """с края приходит фон / the background comes in"""
    black, net = torch.zeros(1, 1, 3, 3), _places(student, 3, ALL)
    _check(student, net, black, [1], [0.0, 1.0], "фон 1 / background 1", fill=1.0)
    _check(student, net, black, [1], [0.0, 0.0], "фон 0 / background 0")


def test_two_images(student):
    """две картинки и класс 0 / two images, and class 0"""
    images = torch.cat([_pixel(3, 1, 1), torch.zeros(1, 1, 3, 3)])
    net = _places(student, 3, {(1, 1)})
    _check(student, net, images, [1, 0], [1.0, 0.5], "метки 1 и 0 / labels 1 and 0")
    _check(student, net, images, [1, 1], [0.5, 0.0], "метки 1 и 1 / labels 1 and 1")


def test_left_as_it_was(student):
    """режим, картинки и странные аргументы / mode, images and odd arguments"""
    image, label = _pixel(3, 1, 1), torch.tensor([1])
    for mode, training, asleep in (
        ("сеть в режиме обучения / a network in training mode", True, []),
        ("сеть в режиме проверки / a network in evaluation mode", False, []),
        (
            "слой drop в режиме проверки, остальные нет / the layer drop in evaluation mode, no other",
            True,
            ["drop"],
        ),
    ):
        net = _places(student, 3, {(1, 1)}, 1.0, training=training, evaluating=asleep)
        given = student.condition(net)["training"]
        _check(student, net, image, [1], [1.0, 0.0], mode)
        assert student.condition(net)["training"] == given, (
            f"{mode}: после вызова режим слоёв другой / {mode}: after the call layers have another mode"
        )
    kept = student.shift_curve.options(want=("inputs_after",))(net, image, label, 2).inputs_after[1]
    assert_close(kept, _pixel(3, 1, 1), what="картинка после вызова / the image after the call")
    for images, labels, limit in ((image, label, -1), (image[:0], label[:0], 1), (image, label[:0], 1)):
        kind = "исключения нет / no exception"
        try:
            student.shift_curve(net, images, labels, limit)
        except Exception as error:
            kind = getattr(error, "kind", type(error).__name__)
        given = f"{len(images)}, {len(labels)}, {limit}"
        assert kind == "ValueError", (
            f"картинок, меток, сдвиг {given}: {kind}, ожидался ValueError / "
            f"images, labels, shift {given}: {kind}, expected ValueError"
        )
