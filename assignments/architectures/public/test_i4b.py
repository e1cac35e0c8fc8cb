"""Public tests of I4b: number of parameters of the full network and of a narrow one, logits of that."""

from __future__ import annotations

import torch

from autograder.testing import as_tensor


def test_parameters(student):
    """число параметров / number of parameters"""
    # Сеть строится без чисел, на устройстве meta / the network is built without numbers, on the meta device
    _, count = student.blueprint("AlexNet")
    assert count == 61_100_840, f"параметров / parameters: {count}, ожидалось / expected 61100840"


def test_width(student):
    """число параметров узкой сети / number of parameters of a narrow network"""
    # Скрытые тесты берут узкие сети / hidden tests take narrow networks
    _, count = student.blueprint("AlexNet", width=1 / 16)
    assert count != 61_100_840, "аргумент width не использован / the argument width is not used"
    assert count == 481_580, f"параметров при width=1/16 / parameters: {count}, ожидалось / expected 481580"


def test_shape_of_logits(student):
    """форма логитов узкой сети / shape of the logits of a narrow network"""
    net = student.AlexNet(width=1 / 16, num_classes=5)
    logits = as_tensor(student.predict(net, torch.zeros(2, 3, 64, 64)), "логиты / logits")
    assert tuple(logits.shape) == (2, 5), (
        f"логиты / logits: {tuple(logits.shape)}, ожидалось / expected (2, 5)"
    )


def test_names(student):
    """имена весов / names of the weights"""
    shapes, _ = student.blueprint("AlexNet")
    for name in ("features.0.weight", "features.10.bias", "classifier.1.weight", "classifier.6.bias"):
        assert name in shapes, (
            f"нет веса {name} / there is no weight {name}; есть / there are {', '.join(list(shapes)[:4])}, ..."
        )
