"""ru: Открытые тесты I4b: имена, числа параметров и сеть, по которой идёт одно число.
en: Public tests of I4b: names, numbers of parameters, and a network that one number goes through.
"""

from __future__ import annotations

import torch

from autograder.testing import as_tensor, assert_close, check_width

CONVOLUTIONS = ("features.0", "features.3", "features.6", "features.8", "features.10")
DENSE = ("classifier.1", "classifier.4", "classifier.6")
CLASSES = torch.arange(5.0)[None] - 2


def _one_path(student, negative: tuple[str, ...] = (), dropout: float = 0.5):
    """Каждый слой повторяет число номер 2 из тех, что видит / each layer repeats number 2 of those that it sees.

    ru: Вход — синий канал картинки, у ядер не ноль только середина, последний слой умножает среднее на -2, -1, 0, 1, 2.
    en: It begins with the blue channel; kernels are zero but for their middle; the last layer takes the mean times -2 to 2.

    negative: слои, чьи веса взяты с минусом / layers whose weights are negative.
    """
    net = student.AlexNet(width=1 / 16, num_classes=5, pool_size=1, dropout=dropout)
    check_width(student.module_table(net), 91_693)
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
    # Сеть строится без чисел, на устройстве meta / the network is built without numbers, on the meta device
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
    assert not missing and not more, (
        f"нет имён {missing}, лишние имена {more} / missing names {missing}, names too many {more}"
    )


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
    # ru: Яркость растёт вправо и вниз, и максимум — последнее число окна: место q последней карты видит пиксель 32q + 59.
    # en: Brightness grows to the right and down, so the maximum is the last number of a window: place q sees pixel 32q + 59.
    # Вниз одно место (59), вправо два (59 и 91, среднее 75) / one place down (59), two across (59 and 91, mean 75).
    images = torch.zeros(1, 3, 64, 96)
    images[:, 2] = torch.arange(64.0)[:, None] + torch.arange(96.0)
    found = student.predict(_one_path(student), images)
    assert_close(found, CLASSES * (59 + 75), rtol=1e-4, atol=1e-3, what="логиты / logits")


def test_relu(student):
    """ReLU после каждого слоя, кроме последнего / ReLU after each layer but the last"""
    layers = (*CONVOLUTIONS, *DENSE)
    for layer, following in zip(layers[:-1], layers[1:], strict=True):
        # ru: Слой даёт отрицательное число, ReLU делает из него ноль; иначе минус следующего слоя вернул бы его.
        # en: The layer gives a negative number, ReLU makes it zero; else the minus of the next layer would bring it back.
        found = student.predict(_one_path(student, negative=(layer, following)), torch.ones(1, 3, 64, 64))
        what = f"логиты, ReLU после {layer} / logits, ReLU after {layer}"
        assert_close(found, torch.zeros(1, 5), rtol=0, atol=1e-4, what=what)


def test_dropout(student):
    """dropout перед первыми двумя полносвязными слоями / dropout before the first two dense layers"""
    net, images = _one_path(student, dropout=0.25), torch.ones(32, 3, 64, 64)
    calm = as_tensor(student.predict(net, images), "логиты / logits")
    student.set_mode(net, True)
    noisy = as_tensor(net.options(seed=0, want=("out",))(images).out, "логиты / logits")
    # ru: Путь один: dropout или обрывает его, или дважды делит число на 1 - 0.25.
    # en: There is one path: dropout cuts it, or divides the number by 1 - 0.25, twice.
    cut = (noisy == 0).all(dim=-1, keepdim=True)
    assert bool(cut.any()), "ничего не обнулено / nothing was dropped"
    assert not bool(cut.all()), "обнулено всё / everything was dropped"
    right = torch.where(cut, 0, calm / (1 - 0.25) ** 2)
    assert_close(noisy, right, rtol=1e-3, atol=1e-3, what="логиты при обучении / logits in training")
