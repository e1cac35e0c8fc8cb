"""Hidden tests of K3, `train_seminar`: what training does on a few digits, on classes made for it, then the ramps.

Accuracy is the mean over the 2,000 hidden digits moved by every shift of one pixel or none (nine shifts): the best of
at most three trainings, ended by the first that earns everything.
"""

from __future__ import annotations

import statistics
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from autograder.testing import as_tensor

MEAN, STD = 0.1307, 0.3081
SEEDS = (0, 1, 2)
SHIFTS_PX = (-1, 0, 1)


def _hidden_digits() -> tuple[Tensor, Tensor]:
    """uint8 images (2000, 28, 28) and int64 labels; never sent together."""
    with np.load(Path(__file__).with_name("digits.npz"), allow_pickle=False) as data:
        return torch.from_numpy(data["images"]), torch.from_numpy(data["labels"].astype(np.int64))


def _some_digits(rng, count: int) -> tuple[Tensor, Tensor]:
    """Digits of the published training split."""
    from hw_cnn.data import load_digits

    images, labels = load_digits("train")
    chosen = torch.from_numpy(rng.permutation(len(images))[:count])
    return images[chosen], labels[chosen].long()


def _normalised(images: Tensor) -> Tensor:
    return ((images.float() / 255 - MEAN) / STD)[:, None]


def _moved(images: Tensor, down_px: int, right_px: int) -> Tensor:
    """Images moved with black coming in, nothing wraps around."""
    padded = F.pad(images, (1, 1, 1, 1))
    height, width = images.shape[-2:]
    return padded[..., 1 - down_px : 1 - down_px + height, 1 - right_px : 1 - right_px + width]


def _share_right(student, net, images: Tensor, labels: Tensor) -> float:
    logits = as_tensor(student.predict(net, _normalised(images)), "prediction")
    assert tuple(logits.shape) == (len(labels), 10), (
        f"prediction has shape {tuple(logits.shape)}, expected ({len(labels)}, 10)"
    )
    return float((logits.argmax(dim=1) == labels).double().mean())


def _shifted_accuracy(student, net) -> float:
    images, labels = _hidden_digits()
    shifts = [(down, right) for down in SHIFTS_PX for right in SHIFTS_PX]
    return statistics.mean(_share_right(student, net, _moved(images, *shift), labels) for shift in shifts)


def _parameters(student, net) -> dict[str, Tensor]:
    state = student.state_dict(net)
    assert isinstance(state, dict), "the returned module has no state dict"
    tensors = {name: as_tensor(value, name) for name, value in state.items()}
    return {name: value.double() for name, value in tensors.items() if value.is_floating_point()}


def _same(first: dict[str, Tensor], second: dict[str, Tensor]) -> bool:
    return first.keys() == second.keys() and all(
        first[name].shape == second[name].shape
        and torch.allclose(first[name], second[name], rtol=1e-4, atol=1e-5)
        for name in first
    )


def test_same_seed(rng, student):
    data, seed = _some_digits(rng, 192), int(rng.integers(1000))
    first, second = (_parameters(student, student.fit(seed, data=data)) for _ in range(2))
    assert first, "the returned module has no weights"
    assert _same(first, second), "two trainings with one seed give different weights"


def test_other_seed(rng, student):
    data, seed = _some_digits(rng, 192), int(rng.integers(1000))
    first, second = (_parameters(student, student.fit(number, data=data)) for number in (seed, seed + 1))
    assert first, "the returned module has no weights"
    assert not _same(first, second), "trainings with different seeds give the same weights"


def test_glyphs(student, glyphs, threshold):
    """Ten classes that are drawn from the course key: nobody's weights know them before training."""
    values: list[float] = []
    # A short honest training may have a bad start: it gets another one.
    for seed in (glyphs.seed, glyphs.seed + 1):
        values.append(_share_right(student, student.fit(seed, parts=glyphs.parts), *glyphs.hidden))
        if values[-1] >= glyphs.high:
            break
    threshold.record(max(values), values, len(glyphs.hidden[1]), bars=(glyphs.low, glyphs.high))


def test_eval_mode(rng, student):
    net = student.fit(int(rng.integers(1000)), data=_some_digits(rng, 192))
    assert _parameters(student, net), "the returned module has no weights"
    assert student.mode(net) is False, "the returned module is in training mode, expected eval"


def test_accuracy(student, threshold):
    values: list[float] = []
    for seed in SEEDS:
        values.append(_shifted_accuracy(student, student.fit(seed)))
        if threshold.is_full(values[-1]):
            break
    threshold.record(max(values), values=values, num_images=len(_hidden_digits()[1]))


def test_checkpoint(student, threshold):
    state = student.checkpoint()
    assert isinstance(state, dict), "no checkpoint was handed in (model.safetensors or model.ckpt)"
    net = student.SeminarCNN()
    student.load_checkpoint(net, state)
    value = _shifted_accuracy(student, net)
    threshold.record(value, values=[value], num_images=len(_hidden_digits()[1]))
