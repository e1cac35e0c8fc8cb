"""Public tests of J1: four images, four classes."""

from __future__ import annotations

import torch

LOGITS = [[9.0, 1.0, 2.0, 3.0], [9.0, 1.0, 2.0, 3.0], [9.0, 1.0, 2.0, 3.0], [0.0, 5.0, 4.0, 1.0]]
# Верный класс стоит на местах 1, 2, 4 и 2.
TARGETS = [0, 3, 1, 2]


def test_four_images(student):
    """четыре картинки / four images"""
    errors = student.topk_error(torch.tensor(LOGITS), torch.tensor(TARGETS), ks=(1, 2, 4))
    assert isinstance(errors, dict), (
        f"ответ / answer: {type(errors).__name__}, ожидался словарь / expected a dict"
    )
    for k, expected in {1: 0.75, 2: 0.25, 4: 0.0}.items():
        assert k in errors, f"в словаре нет ключа / the dictionary has no key {k}: {sorted(errors)}"
        assert abs(float(errors[k]) - expected) < 1e-6, (
            f"top-{k}: {errors[k]}, ожидалось / expected {expected}"
        )
