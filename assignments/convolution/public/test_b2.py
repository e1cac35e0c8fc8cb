"""ru: Открытые тесты B2: веса — разряды числа, а пиксели — его цифры.
en: Public tests of B2: weights are the places of a number, pixels its digits.
"""

from __future__ import annotations

import torch
from torch import Tensor

from autograder.testing import assert_close


def _dense(student, weight: list[list[float]], bias: list[float] | None):
    """ru: Слой nn.Linear с этими числами.
    en: An nn.Linear with these numbers.
    """
    numbers = {"fc.weight": torch.tensor(weight)}
    if bias is not None:
        numbers["fc.bias"] = torch.tensor(bias)
    inputs, units = len(weight[0]), len(weight)
    layers = [("fc", "Linear", inputs, units, {"bias": bias is not None})]
    return student.make("network", layers=layers, seed=0, state=numbers).get("fc")


def _convolution(student, weight: list[list[float]], bias: list[float] | None, shape: tuple[int, int, int]):
    layer = student.dense_as_conv(_dense(student, weight, bias), shape)
    kind = getattr(layer, "type_name", type(layer).__name__)
    assert kind == "Conv2d", f"получен {kind}, ожидался Conv2d / got a {kind}, expected a Conv2d"
    return layer


def _check(student, layer, image: Tensor, right: list, what: str) -> None:
    assert_close(student.predict(layer, image[None]), torch.tensor([right]), rtol=1e-5, atol=1e-3, what=what)


def _compare(student, weight: list, bias: list | None, shape: tuple[int, int, int], image: list, right: list):
    """ru: Слой с этими числами отвечает на картинку тем, что нужно.
    en: A layer with these numbers answers to the image with what is right.
    """
    layer = _convolution(student, weight, bias, shape)
    asked = f"dense_as_conv(nn.Linear({len(weight[0])}, {len(weight)}, bias={bias is not None}), {shape})"
    what = (
        f"{asked}, веса {weight}, смещения {bias}, картинка {image} / "
        f"{asked}, weights {weight}, biases {bias}, image {image}"
    )
    _check(student, layer, torch.tensor(image, dtype=torch.float32), right, what)
    return layer


def test_places_of_a_number(student):
    """веса 100000, 10000 ... 1 и пиксели 1, 2 ... 6 / weights 100000, 10000 ... 1 and pixels 1, 2 ... 6"""
    weight = [[100000.0, 10000, 1000, 100, 10, 1]]
    _compare(student, weight, [0.0], (1, 2, 3), [[[1, 2, 3], [4, 5, 6]]], [[[123456.0]]])


def test_two_channels(student):
    """два канала и два нейрона / two channels and two units"""
    weight = [[1000.0, 100, 10, 1], [0, 0, 0, 1]]
    _compare(student, weight, [0.0, 0.0], (2, 1, 2), [[[1, 2]], [[3, 4]]], [[[1234.0]], [[4.0]]])


def test_bias(student):
    """смещения, и слой без них / biases, and a layer without them"""
    weight = [[10.0, 1], [0, 0]]
    _compare(student, weight, [0.5, 7], (1, 1, 2), [[[1, 2]]], [[[12.5]], [[7.0]]])
    layer = _compare(student, weight, None, (1, 1, 2), [[[1, 2]]], [[[12.0]], [[0.0]]])
    numbers = sum(value.numel() for value in student.parameters(layer).values())
    assert numbers == 4, (
        f"без смещений чисел {numbers}, ожидалось 4 / without biases there are {numbers} numbers, expected 4"
    )


def test_wider_image(student):
    """картинка шире, чем окно / an image wider than the window"""
    image, right = [[[1, 2, 3, 4], [5, 6, 7, 8]]], [[[12.0, 23, 34], [56, 67, 78]]]
    _compare(student, [[10.0, 1]], [0.0], (1, 1, 2), image, right)


def test_260_numbers(student):
    """картинка 5x5 и десять нейронов: 260 чисел / an image 5x5 and ten units: 260 numbers"""
    layer = _convolution(student, [[1.0] * 25] * 10, [0.0] * 10, (1, 5, 5))
    numbers = sum(value.numel() for value in student.parameters(layer).values())
    assert numbers == 260, f"чисел {numbers}, ожидалось 260 / there are {numbers} numbers, expected 260"
    frozen = student.condition(layer)["frozen"]
    assert frozen == 0, (
        f"параметров, которые не обучаются (requires_grad=False): {frozen} / "
        f"parameters that cannot be trained (requires_grad=False): {frozen}"
    )


def test_own_numbers(student):
    """свои числа, тип, неверная форма / numbers of its own, dtype, a shape that does not fit"""
    dense = _dense(student, [[10.0, 1]], [0.0])
    layer = student.dense_as_conv(dense, (1, 1, 2))
    student.set_parameters(dense, {"weight": torch.tensor([[5.0, 5]])})
    what = "после того как слой nn.Linear изменился / after the nn.Linear has changed"
    _check(student, layer, torch.tensor([[[1.0, 2]]]), [[[12.0]]], what)
    dense = dense.call("double")
    student.set_parameters(dense, {"weight": torch.tensor([[0.1, 0.2]], dtype=torch.float64)})
    answer = student.predict(
        student.dense_as_conv(dense, (1, 1, 2)), torch.ones(1, 1, 1, 2, dtype=torch.float64)
    )
    what = "веса 0.1 и 0.2 в float64 / weights 0.1 and 0.2 in float64"
    assert_close(answer, torch.full((1, 1, 1, 1), 0.3, dtype=torch.float64), rtol=0, atol=1e-9, what=what)
    raised = "исключения нет / no exception"
    try:
        student.dense_as_conv(dense, (1, 2, 2))
    except Exception as error:
        raised = getattr(error, "kind", type(error).__name__)
    assert raised == "ValueError", (
        f"два входа, картинка 1x2x2: {raised}, ожидался ValueError / "
        f"two inputs, an image of 1x2x2: {raised}, expected ValueError"
    )
