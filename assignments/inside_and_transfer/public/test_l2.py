"""ru: Открытые тесты L2: сеть-матрица и свёртка, ответы которых проверяются на бумаге.
en: Public tests of L2: a network that is one matrix, and a convolution, whose answers can be checked by hand.
"""

from __future__ import annotations

import torch

from autograder.testing import as_tensor, assert_close

# ru: Два класса, картинки 1x3x4. Второй класс складывает два пикселя, один из них с минусом.
# en: Two classes, images 1x3x4. The second class adds up two pixels, one of them with a minus.
WEIGHT = torch.zeros(2, 12)
WEIGHT[0] = 1.0
WEIGHT[1, 1], WEIGHT[1, 6] = 2.0, -3.0
STATE = {"last.weight": WEIGHT, "last.bias": torch.zeros(2)}
IMAGE = torch.arange(1.0, 13.0).reshape(1, 3, 4)
# Под окном логит теряет 2 * 2 (второй пиксель) или -3 * 7 (седьмой) / under the window the logit loses these
MAP = torch.tensor([[4.0, 4.0 - 21.0, -21.0], [0.0, -21.0, -21.0]])
CLOSE = {"rtol": 1e-4, "atol": 1e-4}


def _net(student, *between: tuple):
    layers = [("flat", "Flatten"), *between, ("last", "Linear", 12, 2)]
    return student.make("network", layers=layers, seed=0, state=STATE)


def _check_condition(student, net) -> None:
    """Сеть осталась какой была: режим обучения, без хуков, градиентов и заморозки / the network is as it was."""
    left = student.condition(net)
    assert all(left["training"].values()), "режим не вернулся / the mode did not come back"
    for what, said in (
        ("hooks", "остались хуки / hooks are left"),
        ("gradients", "у весов остались градиенты / gradients are left in the weights"),
        ("frozen", "веса остались замороженными / weights are left frozen"),
    ):
        assert left[what] == 0, said


def test_occlusion(student):
    """карта окклюзии, окно 2x2 / occlusion map, window 2x2"""
    assert_close(student.occlusion_map(_net(student), IMAGE, 1, 2), MAP, **CLOSE, what="карта / map")


def test_occlusion_with_stride(student):
    """шаг 2 / stride 2"""
    found = student.occlusion_map(_net(student), IMAGE, 1, 2, stride=2)
    assert_close(found, torch.tensor([[4.0, -21.0]]), **CLOSE, what="карта / map")


def test_occlusion_fill(student):
    """окно закрыто числом fill / the window is covered by the number fill"""
    # Вместо 2 и 7 под окном единицы: теряется 2 * (2 - 1) или -3 * (7 - 1) / ones in place of 2 and 7
    right = torch.tensor([[2.0, 2.0 - 18.0, -18.0], [0.0, -18.0, -18.0]])
    found = student.occlusion_map(_net(student), IMAGE, 1, 2, fill=1.0)
    assert_close(found, right, **CLOSE, what="карта / map")


def test_occlusion_channels(student):
    """окно закрывает все каналы / the window covers all channels"""
    # Картинка 2x1x3, логит — сумма всех чисел / an image 2x1x3, the logit is the sum of all numbers
    state = {"last.weight": torch.ones(1, 6), "last.bias": torch.zeros(1)}
    layers = [("flat", "Flatten"), ("last", "Linear", 6, 1)]
    net = student.make("network", layers=layers, seed=0, state=state)
    image = torch.tensor([[[1.0, 2.0, 3.0]], [[10.0, 20.0, 30.0]]])
    found = student.occlusion_map(net, image, 0, 1)
    assert_close(found, torch.tensor([[11.0, 22.0, 33.0]]), **CLOSE, what="карта / map")


def test_occlusion_batches(student):
    """шесть окон порциями по четыре / six windows, four at a time"""
    found = student.occlusion_map(_net(student), IMAGE, 1, 2, batch_size=4)
    assert_close(found, MAP, **CLOSE, what="карта / map")


def test_occlusion_mode(student):
    """окклюзия в режиме проверки / occlusion in evaluation mode"""
    net = _net(student, ("dropout", "Dropout", 0.5))
    assert_close(student.occlusion_map(net, IMAGE, 1, 2), MAP, **CLOSE, what="карта / map")
    _check_condition(student, net)


def test_saliency(student):
    """градиент — веса класса / the gradient is the weights of the class"""
    found = student.saliency(_net(student), torch.stack([IMAGE, 2 * IMAGE]), torch.tensor([1, 0]))
    right = WEIGHT[[1, 0]].reshape(2, 1, 3, 4)
    assert_close(found, right, **CLOSE, what="градиент / gradient")


def test_saliency_mode(student):
    """градиент в режиме проверки / the gradient in evaluation mode"""
    net = _net(student, ("dropout", "Dropout", 0.5))
    found = student.saliency(net, IMAGE[None], torch.tensor([1]))
    assert_close(found, WEIGHT[1].reshape(1, 1, 3, 4), **CLOSE, what="градиент / gradient")
    _check_condition(student, net)


def test_saliency_leaves_nothing(student):
    """после saliency ничего не остаётся / nothing is left after saliency"""
    net = _net(student)
    wants_gradient = student.traces("saliency", net, IMAGE[None], torch.tensor([1]))
    _check_condition(student, net)
    assert not wants_gradient["arguments"], "картинки хранят градиент / the images keep a gradient"
    assert not wants_gradient["output"], "ответ хранит граф вычислений / the answer keeps the graph"


def _patches(student, images, k: int, conv: tuple, *before: tuple, kernel: list[list[float]]) -> tuple:
    """Сеть из свёртки с одним ядром; ответ top_patches по частям / a network of one kernel; parts of the answer."""
    layers = [*before, ("conv", "Conv2d", 1, 1, *conv)]
    state = {"conv.weight": torch.tensor([[kernel]]), "conv.bias": torch.zeros(1)}
    net = student.make("network", layers=layers, seed=0, state=state)
    found = student.top_patches(net, images, "conv", 0, k)
    _check_condition(student, net)
    assert isinstance(found, (tuple, list)) and len(found) == 4, (
        f"получен {type(found).__name__}, ожидалось четыре части / got a {type(found).__name__}, expected four parts"
    )
    return tuple(as_tensor(part) for part in found)


def _check_parts(found: tuple, right: dict[str, list]) -> None:
    names = ("отклики / answers", "картинки / images", "углы / corners", "фрагменты / patches")
    for what, part, numbers in zip(names, found, right.values(), strict=True):
        expected = torch.tensor(numbers, dtype=part.dtype)
        assert_close(part, expected, rtol=1e-4, atol=1e-5, what=what)


def test_patches(student):
    """самые яркие пиксели трёх картинок / the brightest pixels of three images"""
    # Свёртка 1x1 с весом 1: отклик — сам пиксель / a 1x1 convolution with weight 1: its answer is the pixel
    images = torch.zeros(3, 1, 4, 5)
    images[0, 0, 1, 2], images[1, 0, 3, 0], images[2, 0, 0, 4] = 6.0, 5.0, 7.0
    # ru: Второе место картинки 2 ярче картинки 0, но от каждой картинки берут одно.
    # en: The second place of image 2 is brighter than image 0, but one place of each image is taken.
    images[2, 0, 2, 2] = 6.5
    found = _patches(student, images, 2, (1,), kernel=[[1.0]])
    _check_parts(
        found,
        {
            "values": [7.0, 6.0],
            "indices": [2, 0],
            "corners": [[0, 4], [1, 2]],
            "patches": [[[[7.0]]], [[[6.0]]]],
        },
    )


def test_patches_of_a_field(student):
    """поле 3x3 с шагом 2 и дополнением 1 / a field of 3x3 with stride 2 and padding 1"""
    # ru: Ядро видит только середину: место (r, c) отвечает пикселем (2r, 2c), его поле начинается в (2r - 1, 2c - 1).
    # en: The kernel sees its middle only: place (r, c) answers with pixel (2r, 2c), its field begins at (2r - 1, 2c - 1).
    middle = [[0.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]
    images = torch.ones(2, 1, 5, 8)
    images[0, 0, 2, 4], images[1, 0, 0, 0] = 5.0, 4.0
    found = _patches(student, images, 2, (3, {"stride": 2, "padding": 1}), kernel=middle)
    inside = [[1.0, 1.0, 1.0], [1.0, 5.0, 1.0], [1.0, 1.0, 1.0]]
    # За краем картинки нули / zeros beyond the edge of the image
    corner = [[0.0, 0.0, 0.0], [0.0, 4.0, 1.0], [0.0, 1.0, 1.0]]
    _check_parts(
        found,
        {
            "values": [5.0, 4.0],
            "indices": [0, 1],
            "corners": [[1, 3], [-1, -1]],
            "patches": [[inside], [corner]],
        },
    )


def test_patches_of_equal_places(student):
    """из равных мест первое по порядку чтения / of equal places the first in reading order"""
    images = torch.zeros(1, 1, 3, 4)
    images[0, 0, 0, 3] = images[0, 0, 2, 1] = 9.0
    found = _patches(student, images, 1, (1,), kernel=[[1.0]])
    _check_parts(found, {"values": [9.0], "indices": [0], "corners": [[0, 3]], "patches": [[[[9.0]]]]})


def test_patches_mode(student):
    """фрагменты выбираются в режиме проверки / patches are chosen in evaluation mode"""
    # Dropout обнулил бы половину картинок, если бы работал / dropout would silence half of the pixels if it worked
    images = torch.arange(1.0, 9.0).reshape(8, 1, 1, 1)
    found = _patches(student, images, 8, (1,), ("dropout", "Dropout", 0.5), kernel=[[1.0]])
    assert_close(found[0], torch.arange(8.0, 0, -1), **CLOSE, what="отклики / answers")
