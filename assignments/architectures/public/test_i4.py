"""ru: Открытые тесты I4: числа параметров и сеть, по которой идёт одно число.
en: Public tests of I4: numbers of parameters, and a network that one number goes through.
"""

from __future__ import annotations

import torch

from autograder.testing import as_tensor, assert_close, check_width

# ru: Формы весов узкой сети (width=1/16) для картинок 67x67 и пяти классов.
# en: Shapes of the weights of a narrow network (width=1/16) for images of 67x67 and five classes.
SHAPES = (
    *((6, 3, 11, 11), (16, 3, 5, 5), (24, 16, 3, 3), (24, 12, 3, 3), (16, 12, 3, 3)),
    *((256, 16), (256, 256), (5, 256)),
)
CLASSES = torch.arange(5.0)[None] - 2


def _one_path(student, negative: tuple[int, ...] = (), dropout: float = 0.5):
    """ru: Сеть, где каждый слой повторяет число номер 2 (счёт от нуля) из тех, что видит.
    en: A network where each layer repeats number 2 (counted from zero) of those that it sees.

    ru: Вход — синий канал картинки, у ядер не ноль только середина, последний слой умножает среднее на -2, -1, 0, 1, 2.
    en: It begins with the blue channel; kernels are zero but for their middle; the last layer gives the mean times
    en: -2, -1, 0, 1, 2.

    ru: negative: слои, чьи веса взяты с минусом.
    en: negative: layers whose weights are taken with a minus.
    """
    net = student.AlexNet2012(width=1 / 16, image_size=67, num_classes=5, dropout=dropout)
    check_width(student.module_table(net), 82_669)
    shapes = {name: tuple(value.shape) for name, value in student.parameters(net).items()}
    state = {name: torch.zeros(shape) for name, shape in shapes.items()}
    for layer, shape in enumerate(SHAPES, start=1):
        name = next((name for name, own in shapes.items() if own == shape), None)
        assert name is not None, f"нет веса формы {shape} / there is no weight of shape {shape}"
        value = torch.zeros(shape)
        if layer == 8:
            value += CLASSES.T / 256
        elif layer > 5:
            value[:, 2] = 1
        else:
            value[:, 2, shape[2] // 2, shape[3] // 2] = 1
        state[name] = -value if layer in negative else value
    student.set_parameters(net, state)
    return net


def _normalised(x: float, neighbours: int = 5) -> float:
    """ru: Нормировка числа, если у соседних карт на этом месте то же число.
    en: Normalisation of a number where neighbouring maps hold the same number.
    """
    return x / (2 + 1e-4 * neighbours * x**2) ** 0.75


def _blue(brightness: float, n: int = 1) -> torch.Tensor:
    images = torch.zeros(n, 3, 67, 67)
    images[:, 2] = brightness
    return images


def test_parameters(student):
    """число параметров полной сети и узкой / number of parameters, of a narrow network too"""
    # ru: Сеть строится без чисел, на устройстве meta.
    # en: The network is built without numbers, on the device meta.
    for settings, right in (({}, 60_965_224), ({"width": 1 / 16}, 481_744)):
        _, count = student.blueprint("AlexNet2012", **settings)
        what = f"AlexNet2012({', '.join(f'{name}={value}' for name, value in settings.items())})"
        assert count == right, (
            f"{what}: параметров {count}, ожидалось {right} / {what}: {count} parameters, expected {right}"
        )


def test_shape_of_logits(student):
    """форма логитов, в том числе для одной картинки / shape of the logits, of one image too"""
    for channels, n in ((3, 2), (3, 1), (1, 2)):
        net = student.AlexNet2012(width=1 / 16, in_channels=channels, num_classes=5, image_size=67)
        logits = as_tensor(student.predict(net, torch.zeros(n, channels, 67, 67)), "логиты / logits")
        found = tuple(logits.shape)
        assert found == (n, 5), (
            f"картинок {n}, каналов {channels}: форма логитов {found}, ожидалась {(n, 5)} / "
            f"{n} images of {channels} channels: shape of the logits {found}, expected {(n, 5)}"
        )


def test_normalisation(student):
    """нормировка отклика / response normalisation"""
    # ru: Вся картинка одного цвета, и все карты первой свёртки равны.
    # en: The image has one colour, and all maps of the first convolution are equal.
    for x in (10.0, 100.0):
        found = student.predict(_one_path(student), _blue(x))
        # 100 -> 100 / 7 ** 0.75 = 23.2 -> ...
        right = CLASSES * _normalised(_normalised(x))
        assert_close(found, right, rtol=1e-3, atol=1e-3, what=f"логиты, яркость {x} / logits, brightness {x}")


def test_order(student):
    """порядок: ReLU, нормировка, пулинг / order: ReLU, normalisation, pooling"""
    net = _one_path(student)
    state = student.parameters(net)
    first = next(name for name, value in state.items() if tuple(value.shape) == SHAPES[0])
    # ru: Карта 2 видит синий, остальные — красный.
    # en: Map 2 sees blue, the others see red.
    kernels = torch.zeros(SHAPES[0])
    kernels[:, 0, 5, 5] = 1
    kernels[2, :, 5, 5] = torch.tensor([0.0, 0.0, 1.0])
    student.set_parameters(net, {first: kernels})
    below_zero, striped = _blue(100, 2).split(1)
    # ru: Красный меньше нуля: ReLU сделает из него нули, и нормировка их не заметит.
    # en: Red is below zero: ReLU makes zeros of it, which normalisation does not notice.
    below_zero[:, 0] = -100
    # ru: Красный — через столбец первой карты: в каждом окне есть место без него, там и максимум.
    # en: Red is in every other column of the first map: each window has a place without it, and there is the maximum.
    striped[:, 0, :, 9::8] = 100
    right = CLASSES * _normalised(_normalised(100, neighbours=1))
    for images, what in (
        (below_zero, "логиты, ReLU перед нормировкой / logits, ReLU before normalisation"),
        (striped, "логиты, нормировка перед пулингом / logits, normalisation before pooling"),
    ):
        found = student.predict(net, images)
        assert_close(found, right, rtol=1e-3, atol=1e-3, what=what)


def test_pooling(student):
    """свёртка с шагом 4 и пулинг 3x3 с шагом 2 / convolution with stride 4 and pooling 3x3 with stride 2"""
    # ru: Яркость растёт вправо и вниз, и максимум — последнее число окна.
    # en: Brightness grows to the right and down, so the maximum is the last number of a window.
    # ru: Карты идут так: 15x15, 7x7, 3x3, 1x1. Последнее место первой карты 14, середина его ядра 4 * 14 + 5 = 61.
    # en: Maps are 15x15, 7x7, 3x3, 1x1. The last place of the first map is 14, its kernel's middle 4 * 14 + 5 = 61.
    images = _blue(0)
    images[:, 2] = (torch.arange(67.0)[:, None] + torch.arange(67.0)) / 2
    right = CLASSES * _normalised(_normalised(61))
    found = student.predict(_one_path(student), images)
    assert_close(found, right, rtol=1e-3, atol=1e-3, what="логиты / logits")


def test_relu(student):
    """ReLU после каждого слоя, кроме последнего / ReLU after each layer but the last"""
    for layer in range(1, 8):
        # ru: Слой даёт отрицательное число, ReLU делает из него ноль; иначе минус следующего слоя вернул бы его.
        # en: The layer gives a negative number and ReLU a zero; else the minus of the next layer would bring it back.
        found = student.predict(_one_path(student, negative=(layer, layer + 1)), _blue(100))
        what = (
            f"логиты, когда слой {layer} даёт число меньше нуля, а дальше должен идти 0 / "
            f"logits where layer {layer} gives a number below zero and 0 must go on"
        )
        assert_close(found, torch.zeros(1, 5), rtol=0, atol=1e-4, what=what)


def test_dropout(student):
    """dropout перед первыми двумя полносвязными слоями / dropout before the first two dense layers"""
    net, images = _one_path(student, dropout=0.25), _blue(100, n=32)
    calm = as_tensor(student.predict(net, images), "логиты / logits")
    student.set_mode(net, True)
    noisy = as_tensor(net.options(seed=0, want=("out",))(images).out, "логиты / logits")
    assert noisy.shape == calm.shape, (
        f"при обучении форма {tuple(noisy.shape)}, при проверке {tuple(calm.shape)} / "
        f"in training the shape is {tuple(noisy.shape)}, in evaluation {tuple(calm.shape)}"
    )
    # ru: Путь один: dropout или обрывает его, или дважды делит число на 1 - 0.25.
    # en: There is one path: dropout cuts it, or divides the number by 1 - 0.25, twice.
    cut = (noisy == 0).all(dim=-1, keepdim=True)
    assert bool(cut.any()), "ничего не обнулено / nothing was dropped"
    assert not bool(cut.all()), "обнулено всё / everything was dropped"
    right = torch.where(cut, 0, calm / (1 - 0.25) ** 2)
    assert_close(noisy, right, rtol=1e-3, atol=1e-3, what="логиты при обучении / logits in training")
