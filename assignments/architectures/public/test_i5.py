"""ru: Открытые тесты I5: имена, числа параметров и сеть, по которой идёт одно число.
en: Public tests of I5: names, numbers of parameters, and a network that one number goes through.
"""

from __future__ import annotations

from itertools import pairwise

import torch

from autograder.testing import as_tensor, assert_close, check_width

# ru: Номера свёрток внутри features.
# en: Numbers of the convolutions inside of features.
A = (0, 3, 6, 8, 11, 13, 16, 18)
A_WITH_NORM = (0, 4, 8, 11, 15, 18, 22, 25)
D = (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28)
# ru: Сколько параметров у сети, по которой идёт число.
# en: How many parameters the network has that the number goes through.
NUM_PARAMETERS = {A: 111_805, A_WITH_NORM: 112_149, D: 133_353}
DENSE = ("classifier.0", "classifier.3", "classifier.6")
CLASSES = torch.arange(5.0)[None] - 2


def _layers(numbers: tuple[int, ...]) -> tuple[str, ...]:
    return (*(f"features.{number}" for number in numbers), *DENSE)


def _one_path(student, numbers: tuple[int, ...], negative: tuple[str, ...] = (), **settings):
    """ru: Сеть, где каждый слой повторяет число номер 2 (счёт от нуля) из тех, что видит.
    en: A network where each layer repeats number 2 (counted from zero) of those that it sees.

    ru: Вход — синий канал картинки, у ядер не ноль только середина, первый полносвязный слой берёт среднее всех чисел,
    ru: последний умножает на -2, -1, 0, 1, 2.
    en: It begins with the blue channel; kernels are zero but for their middle; the first dense layer takes the mean of
    en: all numbers, the last one multiplies by -2, -1, 0, 1, 2.

    ru: negative: слои, чьи веса взяты с минусом.
    en: negative: layers whose weights are taken with a minus.
    """
    net = student.VGG(width=1 / 16, num_classes=5, pool_size=1, **settings)
    check_width(student.module_table(net), NUM_PARAMETERS[numbers])
    # ru: У батч-нормализации вес 1 и смещение 0.
    # en: Batch normalisation has weight 1 and bias 0.
    state = {
        name: torch.full(value.shape, float(name.endswith("weight") and value.ndim == 1))
        for name, value in student.parameters(net).items()
    }
    for layer in _layers(numbers):
        name = f"{layer}.weight"
        assert name in state, f"нет веса {name} / there is no weight {name}"
        value = state[name]
        if layer == DENSE[0]:
            value += 1 / value.shape[1]
        elif layer == DENSE[1]:
            value[:, 2] = 1
        elif layer == DENSE[2]:
            value[:, 2] = CLASSES[0]
        else:
            value[:, 2, value.shape[2] // 2, value.shape[3] // 2] = 1
    for layer in negative:
        state[f"{layer}.weight"] *= -1
    student.set_parameters(net, state)
    return net


def test_parameters(student):
    """число параметров всех вариантов и узкой сети / number of parameters, all configurations and a narrow network"""
    # ru: Сеть строится без чисел, на устройстве meta.
    # en: The network is built without numbers, on the device meta.
    for settings, right in (
        ({"config": "A"}, 132_863_336),
        ({"config": "B"}, 133_047_848),
        ({"config": "D"}, 138_357_544),
        ({"config": "E"}, 143_667_240),
        ({"config": "D", "batch_norm": True}, 138_365_992),
        ({"width": 1 / 32}, 260_542),
    ):
        _, count = student.blueprint("VGG", **settings)
        what = f"VGG({', '.join(f'{name}={value!r}' for name, value in settings.items())})"
        assert count == right, (
            f"{what}: параметров {count}, ожидалось {right} / {what}: {count} parameters, expected {right}"
        )


def test_names(student):
    """имена весов / names of the weights"""
    for numbers, settings in (
        (D, {}),
        (A, {"config": "A"}),
        (A_WITH_NORM, {"config": "A", "batch_norm": True}),
    ):
        shapes, _ = student.blueprint("VGG", width=1 / 32, **settings)
        right = {f"{layer}.{part}" for layer in _layers(numbers) for part in ("weight", "bias")}
        if settings.get("batch_norm"):
            right |= {f"features.{number + 1}.running_mean" for number in numbers}
        missing = sorted(right - set(shapes))
        assert not missing, (
            f"нет имён {missing[:4]}; есть {list(shapes)[:4]}, ... / "
            f"missing names {missing[:4]}; there are {list(shapes)[:4]}, ..."
        )


def test_shape_of_logits(student):
    """форма логитов, в том числе для одной картинки / shape of the logits, of one image too"""
    for channels, n in ((3, 2), (3, 1), (1, 2)):
        net = student.VGG(width=1 / 32, in_channels=channels, num_classes=5)
        logits = as_tensor(student.predict(net, torch.zeros(n, channels, 32, 32)), "логиты / logits")
        found = tuple(logits.shape)
        assert found == (n, 5), (
            f"картинок {n}, каналов {channels}: форма логитов {found}, ожидалась {(n, 5)} / "
            f"{n} images of {channels} channels: shape of the logits {found}, expected {(n, 5)}"
        )


def test_numbers(student):
    """пулинг и адаптивное среднее / pooling and the adaptive mean"""
    # ru: Яркость растёт вправо и вниз, и максимум — последнее число окна.
    # en: Brightness grows to the right and down, so the maximum is the last number of a window.
    # ru: Место q последней карты видит пиксель 32q + 31.
    # en: Place q of the last map sees pixel 32q + 31.
    # ru: Вниз два места (31 и 63, среднее 47), вправо три (31, 63 и 95, среднее 63).
    # en: Two places down (31 and 63, mean 47), three across (31, 63 and 95, mean 63).
    images = torch.zeros(1, 3, 64, 96)
    images[:, 2] = torch.arange(64.0)[:, None] + torch.arange(96.0)
    found = student.predict(_one_path(student, D), images)
    assert_close(found, CLASSES * (47 + 63), rtol=1e-4, atol=1e-3, what="логиты / logits")


def test_relu(student):
    """ReLU после каждого слоя, кроме последнего / ReLU after each layer but the last"""
    images = torch.ones(1, 3, 32, 32)
    # ru: Слой даёт отрицательное число, ReLU делает из него ноль; иначе минус следующего слоя вернул бы его.
    # en: The layer gives a negative number and ReLU a zero; else the minus of the next layer would bring it back.
    for layer, following in pairwise(_layers(D)):
        found = student.predict(_one_path(student, D, negative=(layer, following)), images)
        what = (
            f"логиты, когда {layer} даёт число меньше нуля, а дальше должен идти 0 / "
            f"logits where {layer} gives a number below zero and 0 must go on"
        )
        assert_close(found, torch.zeros(1, 5), rtol=0, atol=1e-4, what=what)


def test_batch_norm(student):
    """порядок: свёртка, батч-нормализация, ReLU / order: convolution, batch normalisation, ReLU"""
    settings, images = {"config": "A", "batch_norm": True}, torch.ones(1, 3, 32, 32)
    found = student.predict(_one_path(student, A_WITH_NORM, **settings), images)
    assert_close(found, CLASSES, rtol=1e-3, atol=1e-3, what="логиты / logits")
    # ru: Минус стоит в нормировке, и ReLU после неё делает ноль.
    # en: The minus stands in normalisation, and ReLU after it gives zero.
    net = _one_path(student, A_WITH_NORM, negative=("features.1", "features.4"), **settings)
    what = "логиты, нормировка перед ReLU / logits, normalisation before ReLU"
    assert_close(student.predict(net, images), torch.zeros(1, 5), rtol=0, atol=1e-4, what=what)


def test_dropout(student):
    """dropout после первых двух полносвязных слоёв / dropout after the first two dense layers"""
    net = _one_path(student, A, config="A", dropout=0.25)
    images = torch.ones(32, 3, 32, 32)
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
