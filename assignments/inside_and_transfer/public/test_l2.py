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
# ru: Логит теряет 2 * 2, когда закрыт второй пиксель, и -3 * 7, когда закрыт седьмой.
# en: The logit loses 2 * 2 where the second pixel is covered, and -3 * 7 where the seventh is.
MAP = torch.tensor([[4.0, 4.0 - 21.0, -21.0], [0.0, -21.0, -21.0]])
CLOSE = {"rtol": 1e-4, "atol": 1e-4}


def _net(student, *between: tuple):
    layers = [("flat", "Flatten"), *between, ("last", "Linear", 12, 2)]
    return student.make("network", layers=layers, seed=0, state=STATE)


def _check_condition(student, net) -> None:
    """ru: Сеть осталась какой была: в режиме обучения, без хуков, без градиентов и не заморожена.
    en: The network is as it was: in training mode, without hooks, without gradients and not frozen.
    """
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
    # ru: Вместо 2 и 7 остаются единицы: теряется 2 * (2 - 1) и -3 * (7 - 1).
    # en: Ones are left in place of 2 and 7: the logit loses 2 * (2 - 1) and -3 * (7 - 1).
    right = torch.tensor([[2.0, 2.0 - 18.0, -18.0], [0.0, -18.0, -18.0]])
    found = student.occlusion_map(_net(student), IMAGE, 1, 2, fill=1.0)
    assert_close(found, right, **CLOSE, what="карта / map")


def test_occlusion_channels(student):
    """окно закрывает все каналы / the window covers all channels"""
    # ru: Картинка 2x1x3, логит — сумма всех чисел.
    # en: An image of 2x1x3, the logit is the sum of all numbers.
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
    net, right = _net(student), WEIGHT[1].reshape(1, 1, 3, 4)
    found = student.saliency(net, IMAGE[None], torch.tensor([1]))
    assert_close(found, right, **CLOSE, what="градиент / gradient")
    _check_condition(student, net)
    wants_gradient = student.traces("saliency", net, IMAGE[None], torch.tensor([1]))
    assert not wants_gradient["arguments"], "картинки хранят градиент / the images keep a gradient"
    assert not wants_gradient["output"], "ответ хранит граф вычислений / the answer keeps the graph"


def _patches(student, images, k: int, conv: tuple, *before: tuple, kernel: list[list[float]]) -> tuple:
    """Ответ top_patches о сети с одним ядром. / The answer of top_patches for a network of one kernel."""
    layers = [*before, ("conv", "Conv2d", 1, 1, *conv)]
    state = {"conv.weight": torch.tensor([[kernel]]), "conv.bias": torch.zeros(1)}
    net = student.make("network", layers=layers, seed=0, state=state)
    found = student.top_patches(net, images, "conv", 0, k)
    _check_condition(student, net)
    is_four = isinstance(found, (tuple, list)) and len(found) == 4
    assert is_four, (
        f"получен {type(found).__name__}, а не TopPatches / got a {type(found).__name__}, not TopPatches"
    )
    return tuple(as_tensor(part, "часть ответа / a part of the answer") for part in found)


def _check_parts(found: tuple, values: list, indices: list, corners: list, patches: list) -> None:
    answers, images, places, crops = found
    assert_close(answers, torch.tensor(values), **CLOSE, what="отклики / answers")
    assert_close(images, torch.tensor(indices), what="картинки / images")
    assert_close(places, torch.tensor(corners), what="углы / corners")
    assert_close(crops, torch.tensor(patches), **CLOSE, what="фрагменты / patches")


def test_patches(student):
    """самые яркие пиксели трёх картинок / the brightest pixels of three images"""
    # ru: Свёртка 1x1 с весом 1: отклик — сам пиксель.
    # en: A 1x1 convolution with weight 1: its answer is the pixel itself.
    images = torch.zeros(3, 1, 4, 5)
    images[0, 0, 1, 2], images[1, 0, 3, 0], images[2, 0, 0, 4] = 6.0, 5.0, 7.0
    # ru: Второе место картинки 2 ярче картинки 0, но от каждой картинки берут одно.
    # en: The second place of image 2 is brighter than image 0, but one place of each image is taken.
    images[2, 0, 2, 2] = 6.5
    found = _patches(student, images, 2, (1,), kernel=[[1.0]])
    patches = [[[[7.0]]], [[[6.0]]]]
    _check_parts(found, values=[7.0, 6.0], indices=[2, 0], corners=[[0, 4], [1, 2]], patches=patches)


def test_patches_of_a_field(student):
    """поле 3x3 с шагом 2 и дополнением 1 / a field of 3x3 with stride 2 and padding 1"""
    # ru: Ядро видит только середину: место (r, c) отвечает пикселем (2r, 2c), поле начинается в (2r-1, 2c-1).
    # en: The kernel sees its middle only: place (r, c) answers with pixel (2r, 2c), the field begins at (2r-1, 2c-1).
    middle = [[0.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]
    images = torch.ones(2, 1, 5, 8)
    images[0, 0, 2, 4], images[1, 0, 0, 0] = 5.0, 4.0
    found = _patches(student, images, 2, (3, {"stride": 2, "padding": 1}), kernel=middle)
    inside = [[1.0, 1.0, 1.0], [1.0, 5.0, 1.0], [1.0, 1.0, 1.0]]
    # ru: За краем картинки — нули.
    # en: Beyond the edge of the image are zeros.
    corner = [[0.0, 0.0, 0.0], [0.0, 4.0, 1.0], [0.0, 1.0, 1.0]]
    patches = [[inside], [corner]]
    _check_parts(found, values=[5.0, 4.0], indices=[0, 1], corners=[[1, 3], [-1, -1]], patches=patches)


def test_patches_of_equal_places(student):
    """из равных мест первое по порядку чтения / of equal places the first in reading order"""
    images = torch.zeros(1, 1, 3, 4)
    images[0, 0, 0, 3] = images[0, 0, 2, 1] = 9.0
    found = _patches(student, images, 1, (1,), kernel=[[1.0]])
    _check_parts(found, values=[9.0], indices=[0], corners=[[0, 3]], patches=[[[[9.0]]]])


def test_patches_mode(student):
    """фрагменты выбираются в режиме проверки / patches are chosen in evaluation mode"""
    # ru: Dropout, если бы он работал, обнулил бы половину картинок.
    # en: Dropout, if it worked, would silence half of the images.
    images = torch.arange(1.0, 9.0).reshape(8, 1, 1, 1)
    found = _patches(student, images, 8, (1,), ("dropout", "Dropout", 0.5), kernel=[[1.0]])
    assert_close(found[0], torch.arange(8.0, 0, -1), **CLOSE, what="отклики / answers")
