"""Открытые тесты J1: несколько картинок, несколько классов / Public tests of J1: a few images, a few classes."""

from __future__ import annotations

import torch

LOGITS = [[9.0, 1.0, 2.0, 3.0], [9.0, 1.0, 2.0, 3.0], [9.0, 1.0, 2.0, 3.0], [0.0, 5.0, 4.0, 1.0]]
# ru: Верный класс стоит на местах 1, 2, 4 и 2.
# en: The true class has the places 1, 2, 4 and 2.
TARGETS = [0, 3, 1, 2]


def _check(errors: object, expected: dict[int, float]) -> None:
    """Ответ — словарь с этими числами / The answer is a dictionary with these numbers."""
    kind = type(errors).__name__
    assert isinstance(errors, dict), (
        f"получен ответ типа {kind}, ожидался словарь / the answer has type {kind}, expected a dictionary"
    )
    found = list(errors)
    for k, error in expected.items():
        assert k in errors, f"нет ключа {k}, есть {found} / there is no key {k}, only {found}"
        value = float(errors[k])
        assert abs(value - error) < 1e-6, (
            f"top-{k}: {value:g}, ожидалось {error:g} / top-{k}: {value:g}, expected {error:g}"
        )
    assert len(errors) == len(expected), f"лишние ключи: {found} / more keys than asked for: {found}"


def test_four_images(student):
    """четыре картинки / four images"""
    errors = student.topk_error(torch.tensor(LOGITS), torch.tensor(TARGETS), ks=(1, 2, 4))
    _check(errors, {1: 0.75, 2: 0.25, 4: 0.0})


def test_default_ks(student):
    """по умолчанию k = 1 и k = 5 / the default is k = 1 and k = 5"""
    # ru: Из шести классов верный стоит на последнем месте, потом дважды на предпоследнем.
    # en: Of six classes the true one has the last place, then twice the last but one.
    logits = torch.tensor([[6.0, 5.0, 4.0, 3.0, 2.0, 1.0]] * 3)
    _check(student.topk_error(logits, torch.tensor([5, 4, 4])), {1: 1.0, 5: 1 / 3})


def test_one_image(student):
    """батч из одной картинки / a batch of one image"""
    _check(student.topk_error(torch.tensor(LOGITS[3:]), torch.tensor([2]), ks=(1, 2)), {1: 1.0, 2: 0.0})


def test_scale(student):
    """важен порядок логитов, а не их величина / the order of the logits matters, not their size"""
    logits = torch.tensor(LOGITS) / 100 - 40
    _check(student.topk_error(logits, torch.tensor(TARGETS), ks=(1, 2, 4)), {1: 0.75, 2: 0.25, 4: 0.0})


def test_too_large(student):
    """k больше числа классов вызывает ValueError / k above the number of classes raises ValueError"""
    logits, targets = torch.tensor(LOGITS), torch.tensor(TARGETS)
    _check(student.topk_error(logits, targets, ks=(4,)), {4: 0.0})
    kind = None
    try:
        student.topk_error(logits, targets, ks=(5,))
    except Exception as error:
        kind = getattr(error, "kind", type(error).__name__)
    assert kind is not None, "при k = 5 и 4 классах ошибки нет / k = 5 with 4 classes raises nothing"
    assert kind == "ValueError", (
        f"k = 5 при 4 классах: {kind}, ожидался ValueError / k = 5 with 4 classes: {kind}, expected ValueError"
    )
