"""ru: Открытые тесты I4b: имена, числа параметров и сеть, по которой идёт одно число.
en: Public tests of I4b: names, numbers of parameters, and a network that one number goes through.
"""

from __future__ import annotations

from itertools import pairwise

import torch

from autograder.testing import as_tensor, assert_close, check_width

CONVOLUTIONS = ("features.0", "features.3", "features.6", "features.8", "features.10")
DENSE = ("classifier.1", "classifier.4", "classifier.6")
CLASSES = torch.arange(5.0)[None] - 2


def _one_path(student, negative: tuple[str, ...] = (), dropout: float = 0.5):
    """ru: Сеть, где каждый слой повторяет число номер 2 (счёт от нуля) из тех, что видит.
    en: A network where each layer repeats number 2 (counted from zero) of those that it sees.

    ru: Вход — синий канал картинки, у ядер не ноль только середина, последний слой умножает среднее на -2, -1, 0, 1, 2.
    en: It begins with the blue channel; kernels are zero but for their middle; the last layer gives the mean times
    en: -2, -1, 0, 1, 2.

    ru: negative: слои, чьи веса взяты с минусом.
    en: negative: layers whose weights are taken with a minus.
    """
    net = student.AlexNet(width=1 / 16, num_classes=5, pool_size=1, dropout=dropout)
    check_width(student.module_table(net), 82_505)
    state = {name: torch.zeros(value.shape) for name, value in student.parameters(net).items()}
    for layer in (*CONVOLUTIONS, *DENSE):
        name = f"{layer}.weight"
        assert name in state, f"нет веса {name} / there is no weight {name}"
        value = state[name]
        if layer == DENSE[-1]:
            value += CLASSES.T / 256
        elif layer in DENSE:
            value[:, 2] = 1
        else:
            value[:, 2, value.shape[2] // 2, value.shape[3] // 2] = 1
        state[name] = -value if layer in negative else value
    student.set_parameters(net, state)
    return net


def test_parameters(student):
    """число параметров полной сети и узкой / number of parameters, of a narrow network too"""
    # ru: Сеть строится без чисел, на устройстве meta.
    # en: The network is built without numbers, on the device meta.
    for settings, right in (({}, 61_100_840), ({"width": 1 / 16}, 481_580)):
        _, count = student.blueprint("AlexNet", **settings)
        what = f"AlexNet({', '.join(f'{name}={value}' for name, value in settings.items())})"
        assert count == right, (
            f"{what}: параметров {count}, ожидалось {right} / {what}: {count} parameters, expected {right}"
        )


def test_names(student):
    """имена весов / names of the weights"""
    shapes, _ = student.blueprint("AlexNet", width=1 / 16)
    right = {f"{layer}.{part}" for layer in (*CONVOLUTIONS, *DENSE) for part in ("weight", "bias")}
    missing, more = sorted(right - set(shapes)), sorted(set(shapes) - right)
    assert not missing, (
        f"нет имён {missing[:4]}, есть {more[:4]} / names {missing[:4]} are missing, there are {more[:4]}"
    )
    assert not more, f"лишние имена {more[:4]} / names too many: {more[:4]}"


def test_shape_of_logits(student):
    """форма логитов, в том числе для одной картинки / shape of the logits, of one image too"""
    for channels, n in ((3, 2), (3, 1), (1, 2)):
        net = student.AlexNet(width=1 / 16, in_channels=channels, num_classes=5)
        logits = as_tensor(student.predict(net, torch.zeros(n, channels, 64, 64)), "логиты / logits")
        found = tuple(logits.shape)
        assert found == (n, 5), (
            f"картинок {n}, каналов {channels}: форма логитов {found}, ожидалась {(n, 5)} / "
            f"{n} images of {channels} channels: shape of the logits {found}, expected {(n, 5)}"
        )


def test_numbers(student):
    """дополнения, шаги, пулинг и адаптивное среднее / padding, strides, pooling and the adaptive mean"""
    # ru: Яркость растёт вправо и вниз, и максимум — последнее число окна.
    # en: Brightness grows to the right and down, so the maximum is the last number of a window.
    # ru: Место q последней карты видит пиксель 32q + 59.
    # en: Place q of the last map sees pixel 32q + 59.
    # ru: Вниз одно место (59), вправо два (59 и 91, среднее 75).
    # en: There is one place down (59) and two across (59 and 91, mean 75).
    images = torch.zeros(1, 3, 64, 96)
    images[:, 2] = torch.arange(64.0)[:, None] + torch.arange(96.0)
    found = student.predict(_one_path(student), images)
    assert_close(found, CLASSES * (59 + 75), rtol=1e-4, atol=1e-3, what="логиты / logits")


def test_relu(student):
    """ReLU после каждого слоя, кроме последнего / ReLU after each layer but the last"""
    layers = (*CONVOLUTIONS, *DENSE)
    for layer, following in pairwise(layers):
        # ru: Слой даёт отрицательное число, ReLU делает из него ноль; иначе минус следующего слоя вернул бы его.
        # en: The layer gives a negative number and ReLU a zero; else the minus of the next layer would bring it back.
        found = student.predict(_one_path(student, negative=(layer, following)), torch.ones(1, 3, 64, 64))
        what = (
            f"логиты, когда {layer} даёт число меньше нуля, а дальше должен идти 0 / "
            f"logits where {layer} gives a number below zero and 0 must go on"
        )
        assert_close(found, torch.zeros(1, 5), rtol=0, atol=1e-4, what=what)


def test_dropout(student):
    """dropout перед первыми двумя полносвязными слоями / dropout before the first two dense layers"""
    net, images = _one_path(student, dropout=0.25), torch.ones(32, 3, 64, 64)
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
