"""ru: Открытые тесты M1: признаки, которые считаются на бумаге, и проба на двух далёких облаках.
en: Public tests of M1: features by hand, and a probe on two clouds far apart.
"""

from __future__ import annotations

import torch

from autograder.testing import as_tensor, assert_close

NETWORK = [("flat", "Flatten"), ("dense", "Linear", 2, 2), ("relu", "ReLU"), ("last", "Linear", 2, 3)]
STATE = {
    "dense.weight": torch.eye(2),
    "dense.bias": torch.zeros(2),
    "last.weight": torch.ones(3, 2),
    "last.bias": torch.zeros(3),
}
IMAGES = torch.tensor([[3.0, 4.0], [5.0, -1.0], [1.0, 1.0]]).reshape(3, 1, 1, 2)
LABELS = torch.tensor([7, 8, 9])


def _embedded(student, **settings) -> tuple[torch.Tensor, torch.Tensor]:
    net = student.make("network", layers=NETWORK, seed=0, state=STATE)
    loader = student.make("loader", images=IMAGES, labels=LABELS, batch_size=2)
    found = student.embed(net, loader, **settings)
    assert isinstance(found, (tuple, list)), (
        f"получен {type(found).__name__}, ожидался кортеж / got a {type(found).__name__}, expected a tuple"
    )
    assert len(found) == 2, f"частей {len(found)}, ожидалось 2 / {len(found)} parts, expected 2"
    return as_tensor(found[0], "признаки / features"), as_tensor(found[1], "метки / labels")


def test_features(student):
    """признаки и метки / features and labels"""
    features, labels = _embedded(student, l2=False)
    right = torch.tensor([[3.0, 4.0], [5.0, 0.0], [1.0, 1.0]])
    assert_close(features, right, rtol=1e-4, atol=1e-4, what="признаки / features")
    assert labels.tolist() == [7, 8, 9], (
        f"метки {labels.tolist()}, ожидались [7, 8, 9] / labels {labels.tolist()}, expected [7, 8, 9]"
    )


def test_length_of_features(student):
    """длина строк / length of the rows"""
    features, _ = _embedded(student)
    right = torch.tensor([[0.6, 0.8], [1.0, 0.0], [0.5**0.5, 0.5**0.5]])
    assert_close(features, right, rtol=1e-4, atol=1e-4, what="признаки / features")


def test_probe(student):
    """два облака / two clouds"""
    generator = torch.Generator().manual_seed(1)
    labels = torch.arange(60) % 2
    rows = torch.randn(60, 4, generator=generator) + 6 * labels[:, None]
    found = student.linear_probe(rows[:40], labels[:40], rows[40:])
    assert isinstance(found, (tuple, list)), (
        f"получен {type(found).__name__}, ожидался кортеж / got a {type(found).__name__}, expected a tuple"
    )
    assert len(found) == 3, f"частей {len(found)}, ожидалось 3 / {len(found)} parts, expected 3"
    predictions = as_tensor(found[0], "предсказания / predictions")
    assert predictions.tolist() == labels[40:].tolist(), "классы перепутаны / classes are mixed up"
