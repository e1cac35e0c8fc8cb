"""Public tests of K3: a training on 320 digits. Accuracy is measured only when the homework is graded."""

from __future__ import annotations

import torch

from hw_cnn.data import load_digits


def test_trains_and_returns_in_eval_mode(student):
    """сеть учится и возвращается в режиме eval / the network learns and comes back in eval mode"""
    images, labels = load_digits("train")
    images, labels = images[:320], labels[:320]
    net = student.fit(0, data=(images, labels))
    assert student.mode(net) is False, "модуль не переведён в режим eval / the module is not in eval mode"
    pixels = ((images.float() / 255 - 0.1307) / 0.3081)[:, None]
    right = float((student.predict(net, pixels).argmax(1) == labels).float().mean())
    assert right > 0.3, (
        f"верных ответов на обучающих цифрах / right on the training digits: {right:.2f}, > 0.3"
    )


def test_seed(student):
    """один seed — одни веса / one seed gives one set of weights"""
    images, labels = load_digits("train")
    data = images[:128], labels[:128]
    first, second = (student.state_dict(student.fit(7, data=data)) for _ in range(2))
    for name, value in first.items():
        assert torch.allclose(value.double(), second[name].double(), rtol=1e-4, atol=1e-5), (
            f"с одним seed веса разные / one seed gives different weights: {name}"
        )
