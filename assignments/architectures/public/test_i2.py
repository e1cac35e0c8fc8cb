"""ru: Открытые тесты I2: числа, которые можно сосчитать на бумаге.
en: Public tests of I2: numbers for pencil and paper.
"""

from __future__ import annotations

import math

import torch

from autograder.testing import as_tensor, assert_close, draw_weight
from hw_cnn.models.lenet5_1998 import digit_codes

# ru: Таблица C3 из задания: строка — карта S2, столбец — карта C3.
# en: The table of C3 as in the task: a row is a map of S2, a column a map of C3.
SEEN = (
    "x...xxx..xxxx.xx",
    "xx...xxx..xxxx.x",
    "xxx...xxx..x.xxx",
    ".xxx..xxxx..x.xx",
    "..xxx..xxxx.xx.x",
    "...xxx..xxxx.xxx",
)


def f(a: float) -> float:
    """Сжимающая функция. / The squashing function."""
    return 1.7159 * math.tanh(2 * a / 3)


def test_shape_of_distances(student):
    """форма ответа, в том числе для одной картинки / shape of the output, of one image too"""
    for classes, n in ((10, 2), (10, 1), (3, 2)):
        images = torch.zeros(n, 1, 32, 32)
        found = as_tensor(student.predict(student.LeNet1998(num_classes=classes), images), "ответ / output")
        assert tuple(found.shape) == (n, classes), (
            f"num_classes={classes}, картинок {n}: форма ответа {tuple(found.shape)}, ожидалась {(n, classes)} / "
            f"num_classes={classes}, {n} images: shape of the output {tuple(found.shape)}, expected {(n, classes)}"
        )


def test_parameters(student):
    """число параметров / number of parameters"""
    table = student.module_table(student.LeNet1998())
    count = next(number for name, _, number in table if name == "")
    assert count == 60_000, f"параметров {count}, ожидалось 60000 / {count} parameters, expected 60000"


def test_distances_to_codes(student):
    """после F6 стоит f, ответ — квадраты расстояний / f follows F6, the output is squared distances"""
    # ru: Все веса — нули, и от F6 остаются одни её смещения b.
    # en: All weights are zero, and of F6 only its biases b are left.
    for b in (0.0, 1.0, -3.0):
        net = student.LeNet1998()
        values = {name: torch.zeros(value.shape) for name, value in student.parameters(net).items()}
        for value in values.values():
            if value.numel() == 84:
                value.fill_(b)
        student.set_parameters(net, values)
        # ru: f(0) = 0, и каждое расстояние равно 84; f(1) = 1, и каждая -1 в коде добавляет 4.
        # en: f(0) = 0, and every distance is 84; f(1) = 1, and every -1 of a code adds 4.
        right = ((f(b) - digit_codes()) ** 2).sum(1)
        found = student.predict(net, torch.ones(1, 1, 32, 32))
        what = f"расстояния, смещения F6 равны {b} / distances, biases of F6 are {b}"
        assert_close(found, right[None], rtol=1e-4, atol=1e-3, what=what)


def test_all_layers(student):
    """все слои по порядку / all layers in order"""
    # ru: Картинка из единиц, в каждом ядре одно и то же число: карта из равных чисел, её заменяет одно число.
    # en: An image of ones, and one number all over a kernel: a map of equal numbers, for which one number stands.
    net = student.LeNet1998()
    c1, c5 = 0.02 * torch.arange(-2.0, 4), 0.002 * torch.arange(-8.0, 8)
    others, small = 0.01, 0.25
    values = {name: torch.full(value.shape, others) for name, value in student.parameters(net).items()}
    for value in values.values():
        size = value.numel()
        # ru: Смещения, а также веса субдискретизации.
        # en: Biases, and the weights of subsampling.
        if size <= 16 or size in (84, 120):
            value.fill_(small)
        elif size == 150 and len(value) == 6:
            value.copy_(c1.repeat_interleave(25).reshape(value.shape))
        elif size == 48_000:
            value.copy_(c5.repeat_interleave(25).repeat(120).reshape(value.shape))
    student.set_parameters(net, values)

    s2 = [f(4 * small * f(25 * float(k) + small) + small) for k in c1]
    c3 = [f(25 * others * sum(s2[i] for i in range(6) if SEEN[i][j] == "x") + small) for j in range(16)]
    s4 = [f(4 * small * number + small) for number in c3]
    unit = f(25 * sum(float(k) * number for k, number in zip(c5, s4, strict=True)) + small)
    right = ((f(120 * others * unit + small) - digit_codes()) ** 2).sum(1)
    found = student.predict(net, torch.ones(1, 1, 32, 32))
    assert_close(found, right[None], rtol=1e-4, atol=1e-3, what="расстояния / distances")


def test_gradients(rng, student):
    """до каждого веса доходит градиент / a gradient reaches every weight"""
    net = student.LeNet1998()
    shapes = {name: tuple(value.shape) for name, value in student.parameters(net).items()}
    student.set_parameters(net, {name: draw_weight(rng, shape) for name, shape in shapes.items()})
    images = torch.linspace(-1, 1, 2 * 32 * 32).reshape(2, 1, 32, 32)
    gradients = student.parameter_gradients(net, images, torch.ones(2, 10))
    assert gradients, "у сети нет параметров / the network has no parameters"
    for name, gradient in gradients.items():
        arrives = gradient is not None and bool(gradient.any())
        assert arrives, f"до {name} не доходит градиент / no gradient reaches {name}"
