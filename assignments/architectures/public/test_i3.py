"""ru: Открытые тесты I3: формы, числа параметров и сеть, которую можно пройти с карандашом.
en: Public tests of I3: shapes, numbers of parameters, and a network that can be followed with a pencil.
"""

from __future__ import annotations

import torch

from autograder.testing import as_tensor, assert_close


def test_shape_of_logits(student):
    """форма логитов, в том числе для одной картинки / shape of the logits, of one image too"""
    for settings, shape, classes in (
        ({}, (2, 1, 32, 32), 10),
        ({}, (1, 1, 32, 32), 10),
        ({"padding": 2}, (2, 1, 28, 28), 10),
        ({"in_channels": 3, "num_classes": 5}, (2, 3, 32, 32), 5),
    ):
        logits = as_tensor(student.predict(student.LeNet5(**settings), torch.zeros(shape)), "логиты / logits")
        found, right = tuple(logits.shape), (shape[0], classes)
        assert found == right, (
            f"картинки {shape}: форма логитов {found}, ожидалась {right} / "
            f"images {shape}: shape of the logits {found}, expected {right}"
        )


def test_parameters(student):
    """число параметров целой сети и половинной ширины / number of parameters, of half the width too"""
    for width, right in ((1.0, 61_706), (0.5, 15_738)):
        net = student.LeNet5() if width == 1 else student.LeNet5(width=width)
        count = sum(value.numel() for value in student.parameters(net).values())
        assert count == right, (
            f"width={width}: параметров {count}, ожидалось {right} / "
            f"width={width}: {count} parameters, expected {right}"
        )


def test_numbers(student):
    """сеть по слоям / the network, layer by layer"""
    net = student.LeNet5()
    weights = {value.numel(): name for name, value in student.parameters(net).items()}
    state = {name: torch.zeros(value.shape) for name, value in student.parameters(net).items()}
    for size in (150, 2400, 48_000, 10_080, 840):
        assert size in weights, f"нет весов из {size} чисел / there are no weights of {size} numbers"
    conv1, conv2, conv3, dense, last = (state[weights[size]] for size in (150, 2400, 48_000, 10_080, 840))
    # ru: Смещения — нули, у свёрток 1 и 2 не ноль только середина ядра; нечётные строки весов — с минусом.
    # en: Biases are zero, and so are the kernels of convolutions 1 and 2 but for their middle; odd rows are negative.
    conv1[:, :, 2, 2] = 1
    conv2[0::2, :, 2, 2], conv2[1::2, :, 2, 2] = 1 / 6, -1 / 6
    conv3[0::2], conv3[1::2] = 1 / 200, -1 / 200
    dense[0::2], dense[1::2] = 1 / 60, -1 / 60
    last[:] = (torch.arange(10.0)[:, None] - 4) / 42
    student.set_parameters(net, state)
    # ru: 1. ReLU(4, -8, 0, 8) = (4, 0, 0, 8), среднее 3: шесть карт из троек.
    # en: 1. ReLU(4, -8, 0, 8) = (4, 0, 0, 8), their mean is 3: six maps of threes.
    # ru: 2. Чётные карты 6 * 3 / 6 = 3, нечётные ReLU(-3) = 0.
    # en: 2. Even maps 6 * 3 / 6 = 3, odd ones ReLU(-3) = 0.
    # ru: 3. Восемь карт по 25 троек: 200 * 3 / 200 = 3, нечётные 0.
    # en: 3. Eight maps of 25 threes: 200 * 3 / 200 = 3, odd ones 0.
    # ru: 4. 60 * 3 / 60 = 3, нечётные 0.
    # en: 4. 60 * 3 / 60 = 3, odd ones 0.
    # 5. 42 * 3 * (n - 4) / 42 = 3 * (n - 4).
    image = torch.tensor([[4.0, -8.0], [0.0, 8.0]]).repeat(16, 16).reshape(1, 1, 32, 32)
    right = 3 * (torch.arange(10.0)[None] - 4)
    assert_close(student.predict(net, image), right, rtol=1e-4, atol=1e-4, what="логиты / logits")
