"""Public tests of I5: number of parameters of full and narrow networks, logits of a narrow one."""

from __future__ import annotations

import torch

from autograder.testing import as_tensor


def test_parameters(student):
    """число параметров / number of parameters"""
    # Сеть строится без чисел, на устройстве meta / the network is built without numbers, on the meta device
    for settings, expected in (({}, 138_357_544), ({"batch_norm": True}, 138_365_992)):
        _, count = student.blueprint("VGG", **settings)
        assert count == expected, (
            f"параметров / parameters: {count}, ожидалось / expected {expected} ({settings})"
        )


def test_names(student):
    """имена весов / names of the weights"""
    shapes, _ = student.blueprint("VGG")
    for name in ("features.0.weight", "features.28.bias", "classifier.0.weight", "classifier.6.bias"):
        assert name in shapes, (
            f"нет веса {name} / there is no weight {name}; есть / there are {', '.join(list(shapes)[:4])}, ..."
        )


def test_width(student):
    """число параметров узкой сети / number of parameters of a narrow network"""
    # Скрытые тесты берут узкие сети / hidden tests take narrow networks
    _, count = student.blueprint("VGG", width=1 / 32)
    assert count != 138_357_544, "аргумент width не использован / the argument width is not used"
    assert count == 260_542, f"параметров при width=1/32 / parameters: {count}, ожидалось / expected 260542"


def test_shape_of_logits(student):
    """форма логитов узкой сети / shape of the logits of a narrow network"""
    net = student.VGG(width=1 / 16, num_classes=5)
    logits = as_tensor(student.predict(net, torch.zeros(2, 3, 64, 64)), "логиты / logits")
    assert tuple(logits.shape) == (2, 5), (
        f"логиты / logits: {tuple(logits.shape)}, ожидалось / expected (2, 5)"
    )
