"""ru: Открытые тесты G4: поля зрения, которые можно сосчитать по клеточкам.
en: Public tests of G4: receptive fields that can be counted on squared paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

SEEN = "видны строки и столбцы / rows and columns are seen"


def _numbers(value: Any) -> Any:
    """ru: Списки вместо пар, тензоров и массивов.
    en: Lists in place of pairs, tensors and arrays.
    """
    value = value.tolist() if hasattr(value, "tolist") else value
    return [_numbers(item) for item in value] if isinstance(value, list | tuple) else value


def _check(student, layers: Sequence[tuple[int, ...]], right: list[tuple[int, int]]) -> None:
    answer = student.receptive_field(list(layers))
    assert _numbers(answer) == _numbers(right), (
        f"слои {list(layers)}: ответ {answer}, ожидалось {right} / "
        f"layers {list(layers)}: the answer is {answer}, expected {right}"
    )


def _conv(student, weight: torch.Tensor, **options):
    """ru: Свёртка без смещения, из этих весов.
    en: A convolution of these weights without a bias.
    """
    out_channels, in_channels, *kernel = weight.shape
    rows = [("conv", "Conv2d", in_channels, out_channels, tuple(kernel), {"bias": False, **options})]
    return student.make("network", layers=rows, seed=0, state={"conv.weight": weight}, training=False)


def _check_seen(
    student, net, image: torch.Tensor, place: tuple[int, int], right: list[list[int]], what: str = SEEN
) -> None:
    found = _numbers(student.input_support(net, image, place))
    assert found == right, f"{what}, ответ {found}, ожидалось {right} / {what}: {found}, expected {right}"


def test_kernels(student):
    """свёртки с шагом 1 / convolutions of stride 1"""
    _check(student, [(3, 1)], [(3, 1)])
    # ru: Две свёртки 3 видят то же, что одна свёртка 5.
    # en: Two convolutions of 3 see what one of 5 sees.
    _check(student, [(3, 1), (3, 1)], [(3, 1), (5, 1)])


def test_strides(student):
    """LeNet и три слоя с шагом / LeNet, and three layers with a stride"""
    _check(student, [(5, 1), (2, 2), (5, 1), (2, 2), (5, 1)], [(5, 1), (6, 2), (14, 2), (16, 4), (32, 4)])
    _check(student, [(3, 2), (3, 3), (2, 1)], [(3, 2), (7, 6), (13, 6)])


def test_dilation(student):
    """окно с промежутками / a window with gaps"""
    _check(student, [(3, 1, 2)], [(5, 1)])
    _check(student, [(3, 2), (3, 2, 3), (2, 1)], [(3, 2), (15, 4), (19, 4)])


def test_impossible(student):
    """невозможные слои / impossible layers"""
    _check(student, [(4, 1)], [(4, 1)])
    for layers in ([(0, 1)], [(3, 0)], [(3, 1), (-1, 1)], [(3, 1, 0)]):
        kind = "исключения нет / no exception"
        try:
            student.receptive_field(layers)
        except Exception as error:
            kind = getattr(error, "kind", type(error).__name__)
        assert kind == "ValueError", (
            f"слои {layers}: {kind}, ожидался ValueError / layers {layers}: {kind}, expected ValueError"
        )


def test_place(student):
    """окно 2x3 на картинке 5x7 / a window of 2x3 on an image of 5x7"""
    net, image = _conv(student, torch.ones(1, 1, 2, 3)), torch.zeros(1, 5, 7)
    _check_seen(student, net, image, (1, 4), [[1, 2], [4, 5, 6]])
    _check_seen(student, net, image, (3, 0), [[3, 4], [0, 1, 2]])


def test_border(student):
    """дополнение: за краем ничего нет / padding: there is nothing beyond the border"""
    net, image = _conv(student, torch.ones(1, 1, 3, 3), padding=1, stride=2), torch.zeros(1, 5, 7)
    _check_seen(student, net, image, (0, 3), [[0, 1], [5, 6]])


def test_channels(student):
    """второй канал и отрицательный вес / the second channel, and a negative weight"""
    weight = torch.zeros(1, 2, 2, 2)
    weight[0, 1] = torch.tensor([[-1.0, -2.0], [-3.0, -4.0]])
    _check_seen(student, _conv(student, weight), torch.zeros(2, 4, 4), (1, 0), [[1, 2], [0, 1]])


def test_holes(student):
    """dilation 2: строка и столбец между клетками не видны / dilation 2: what lies between the cells is not seen"""
    net = _conv(student, torch.ones(1, 1, 3, 2), dilation=2)
    _check_seen(student, net, torch.zeros(1, 6, 6), (0, 1), [[0, 2, 4], [1, 3]])


def test_left_as_it_was(student):
    """режим, градиенты и картинка / mode, gradients and the image"""
    rows = [("conv", "Conv2d", 1, 3, 2), ("norm", "BatchNorm2d", 3), ("drop", "Dropout", 1.0)]
    net, image = student.make("network", layers=rows, seed=0), torch.arange(20.0).reshape(1, 4, 5)
    what = "сеть в режиме обучения / a network in training mode"
    _check_seen(student, net, image, (1, 2), [[1, 2], [2, 3]], what)
    wanting = student.traces("input_support", net, image, (1, 2))["arguments"]
    assert not wanting, "картинка теперь ждёт градиента / the image wants a gradient now"
    after = student.condition(net)
    assert all(after["training"].values()), (
        "сеть осталась в режиме проверки / the network is left in evaluation mode"
    )
    mixed = student.make("network", layers=rows, seed=0, evaluating=("norm",))
    before = student.condition(mixed)["training"]
    student.input_support(mixed, image, (1, 2))
    assert student.condition(mixed)["training"] == before, (
        "слой, который был в режиме проверки, теперь в режиме обучения / "
        "a layer that was in evaluation mode is in training mode now"
    )
    assert after["gradients"] == 0, "у весов сети остались градиенты / the network's weights keep gradients"
