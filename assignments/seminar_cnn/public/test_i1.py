"""ru: Открытые тесты I1: формы, числа параметров и путь одного числа через сеть.
en: Public tests of I1: shapes, numbers of parameters, and one number on its way through the network.
"""

from __future__ import annotations

import torch

from autograder.testing import as_tensor, assert_close

# ru: Веса слоёв: у dls две свёртки и три полносвязных слоя, 256 = 16 карт по 4·4; у hse полносвязных слоёв два.
# en: Weights of layers: dls has two convolutions and three dense layers, 256 = 16 maps of 4·4; hse has two of them.
WEIGHTS = {
    "dls": [(6, 1, 5, 5), (16, 6, 5, 5), (120, 256), (84, 120), (10, 84)],
    "hse": [(10, 1, 5, 5), (20, 10, 5, 5), (128, 320), (10, 128)],
}
# ru: Место единственного веса, который не ноль. Свёртки: середина ядра, вторая из них пишет в карту 1. Вектор: у карты
# ru: номер 1 место 18 занимает третье число её верхней строки; в другом порядке осей у него другое место.
# en: The place of the only weight that is not zero. Convolutions: the middle of the kernel; the second writes map 1.
# en: Vector: place 18 is the third number in the top row of map number 1; in another order of axes it has another one.
PLACES = [(0, 0, 2, 2), (1, 0, 2, 2), (0, 18), (0, 0), (0, 0)]


def _called(settings: dict[str, object]) -> str:
    """Как сеть сделана / How a network is made: `SeminarCNN(num_classes=3)`."""
    return f"SeminarCNN({', '.join(f'{name}={value!r}' for name, value in settings.items())})"


def _check_count(student, settings: dict[str, object], expected: int) -> None:
    net, call = student.SeminarCNN(**settings), _called(settings)
    count = sum(value.numel() for value in student.parameters(net).values())
    assert count > 0, (
        "у сети нет параметров: слоёв в обычном списке она не видит, нужен nn.Sequential или nn.ModuleList / "
        "the network has no parameters: it does not see layers in a plain list, take nn.Sequential or nn.ModuleList"
    )
    assert count == expected, (
        f"{call}: параметров {count}, ожидалось {expected} / {call}: {count} parameters, expected {expected}"
    )


def _check_shape(student, settings: dict[str, object], shape: tuple[int, ...], num_classes: int) -> None:
    logits = student.predict(student.SeminarCNN(**settings), torch.zeros(shape))
    call = f"{_called(settings)}(x), x {shape}"
    found = tuple(as_tensor(logits, f"логиты, {call} / logits, {call}").shape)
    expected = (shape[0], num_classes)
    assert found == expected, (
        f"{call}: форма логитов {found}, ожидалась {expected} / "
        f"{call}: the logits have shape {found}, expected {expected}"
    )


def _network(student, weights: tuple[float, ...], preset: str = "dls"):
    """ru: Сеть, где у каждого слоя не ноль только один вес.
    en: A network in which each layer has one weight, all other numbers being zero.
    """
    net = student.SeminarCNN(preset=preset)
    values = {name: torch.zeros_like(value) for name, value in student.parameters(net).items()}
    for shape, place, weight in zip(WEIGHTS[preset], PLACES, weights, strict=False):
        names = [name for name, value in values.items() if tuple(value.shape) == shape]
        assert names, (
            f"Среди parameters() нет весов формы {shape}: слоя нет или nn.Module о нём не знает (обычный список вместо "
            f"nn.ModuleList). / parameters() holds no weights of shape {shape}: there is no such layer, or nn.Module "
            "does not know it (a plain list instead of nn.ModuleList)."
        )
        values[names[0]][place] = weight
    student.set_parameters(net, values)
    return net


def _one_path(student, image: torch.Tensor, weights: tuple[float, ...], preset: str = "dls") -> torch.Tensor:
    """Логиты этой сети, (1, 10) / Logits of this network, (1, 10)."""
    return student.predict(_network(student, weights, preset), image.expand(2, 1, 28, 28))[:1]


def test_shape_of_logits(student):
    """форма логитов: 10 классов, 3, у hse 4, одна картинка, 20x20 / shape of logits: 10 classes, 3, hse 4, one image"""
    _check_shape(student, {}, (2, 1, 28, 28), 10)
    _check_shape(student, {"num_classes": 3}, (2, 1, 28, 28), 3)
    _check_shape(student, {}, (1, 1, 28, 28), 10)
    _check_shape(student, {"image_size": 20}, (2, 1, 20, 20), 10)
    other = {"in_channels": 2, "image_size": 20, "num_classes": 4, "preset": "hse"}
    _check_shape(student, other, (2, 2, 20, 20), 4)


def test_parameters(student):
    """число параметров / number of parameters"""
    for preset, expected in (("dls", 44_426), ("hse", 47_658)):
        _check_count(student, {"preset": preset}, expected)


def test_colour_images(student):
    """цветные картинки 3x32x32 / colour images 3x32x32"""
    colour = {"in_channels": 3, "image_size": 32}
    _check_count(student, colour, 62_006)
    _check_shape(student, colour, (2, 3, 32, 32), 10)


def test_one_pixel(student):
    """один яркий пиксель проходит через всю сеть / one bright pixel passes through the whole network"""
    image = torch.zeros(28, 28)
    # ru: Это число последней карты — наибольшее из строк 6-9 и столбцов 14-17 картинки: дважды максимум 2x2.
    # ru: Пиксели 7 вокруг принадлежат другим числам карты.
    # en: This number of the last map is the largest of the rows 6 to 9 and columns 14 to 17: twice a maximum 2x2.
    # en: The pixels 7 around belong to other numbers of the map.
    image[7, 16] = 5
    image[5, 16] = image[10, 16] = image[7, 13] = image[7, 18] = 7
    expected = torch.tensor([[5.0, 0, 0, 0, 0, 0, 0, 0, 0, 0]])
    what = "логиты, пиксель 5 и все веса пути 1 / logits, pixel 5 and weights 1 on the path"
    assert_close(_one_path(student, image, (1, 1, 1, 1, 1)), expected, rtol=1e-4, atol=1e-4, what=what)


def test_relu(student):
    """ReLU после каждого слоя, кроме последнего / ReLU after each layer but the last"""
    image = torch.full((28, 28), 5.0)
    places = [(preset, layer) for preset, layers in WEIGHTS.items() for layer in range(len(layers) - 1)]
    for preset, layer in places:
        weights = [1.0] * len(WEIGHTS[preset])
        # ru: Слой даёт -5, ReLU делает из этого 0. Без ReLU следующий слой снова сделал бы 5.
        # en: The layer gives -5, of which ReLU makes 0. Without ReLU the next layer would make 5 again.
        weights[layer] = weights[layer + 1] = -1.0
        what = (
            f"логиты {preset}, когда слой {layer + 1} даёт -5, а дальше должен идти 0 / "
            f"logits of {preset} where layer {layer + 1} gives -5 and 0 must go on"
        )
        actual = _one_path(student, image, tuple(weights), preset)
        assert_close(actual, torch.zeros(1, 10), rtol=1e-4, atol=1e-4, what=what)


def test_logits(student):
    """логиты бывают отрицательными / logits may be negative"""
    # ru: Последний слой меняет знак, и больше с числом ничего не происходит: ни ReLU, ни softmax.
    # en: The last layer changes the sign, and nothing more happens to the number: neither ReLU nor softmax.
    expected = torch.tensor([[-5.0, 0, 0, 0, 0, 0, 0, 0, 0, 0]])
    image, weights = torch.full((28, 28), 5.0), (1.0, 1.0, 1.0, 1.0, -1.0)
    actual = _one_path(student, image, weights)
    assert_close(actual, expected, rtol=1e-4, atol=1e-4, what="логиты / logits")
    # ru: При обучении сеть отвечает тем же.
    # en: In training the network gives the same answer.
    net = _network(student, weights)
    student.set_mode(net, True)
    found = net.options(want=("out",))(image.expand(2, 1, 28, 28)).out
    what = "логиты в режиме обучения / logits in training mode"
    assert_close(found, expected.expand(2, 10), rtol=1e-4, atol=1e-4, what=what)
