"""Public tests of I4: number of parameters of the full network and of a narrow one, logits of that."""

from __future__ import annotations

import torch

from autograder.testing import as_tensor


def test_parameters(student):
    """число параметров / number of parameters"""
    # Сеть строится без чисел, на устройстве meta / the network is built without numbers, on the meta device
    _, count = student.blueprint("AlexNet2012")
    assert count == 60_965_224, f"параметров / parameters: {count}, ожидалось / expected 60965224"


def test_width(student):
    """число параметров узкой сети / number of parameters of a narrow network"""
    # Скрытые тесты берут узкие сети / hidden tests take narrow networks
    _, count = student.blueprint("AlexNet2012", width=1 / 16)
    assert count != 60_965_224, "аргумент width не использован / the argument width is not used"
    assert count == 481_744, f"параметров при width=1/16 / parameters: {count}, ожидалось / expected 481744"


def test_shape_of_logits(student):
    """форма логитов узкой сети / shape of the logits of a narrow network"""
    net = student.AlexNet2012(width=1 / 16, num_classes=5, image_size=67)
    logits = as_tensor(student.predict(net, torch.zeros(2, 3, 67, 67)), "логиты / logits")
    assert tuple(logits.shape) == (2, 5), (
        f"логиты / logits: {tuple(logits.shape)}, ожидалось / expected (2, 5)"
    )
