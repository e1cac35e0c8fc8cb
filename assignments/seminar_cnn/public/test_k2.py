"""Public tests of K2, on a linear model whose loss can be found by hand."""

from __future__ import annotations

import math

import torch

from autograder.testing import as_tensor


def _zero_model(student, num_classes: int = 10):
    """All weights are zero: every class gets the same logit."""
    handle = student.tiny_classifier(4, num_classes)
    state = student.state_dict(handle)
    student.load_state_dict(handle, {name: torch.zeros_like(value) for name, value in state.items()})
    return handle


def _batch() -> tuple[torch.Tensor, torch.Tensor]:
    return torch.arange(12.0).reshape(3, 1, 2, 2), torch.tensor([0, 3, 3])


def _loss(output: object) -> float:
    loss = as_tensor(output.get("loss") if isinstance(output, dict) else output, "training_step")
    assert loss.numel() == 1, (
        f"потери / loss: {tuple(loss.shape)}, ожидалось одно число / expected one number"
    )
    return float(loss)


def test_loss_before_training(student):
    """потери до обучения / loss before training"""
    loss = _loss(_zero_model(student).call("training_step", _batch(), 0))
    assert abs(loss - math.log(10)) < 1e-4, (
        f"потери / loss: {loss:.4f}; при равных логитах ожидалось ln 10 / for equal logits expected ln 10 = 2.3026"
    )


def test_training_lowers_the_loss(student):
    """обучение уменьшает потери / training lowers the loss"""
    handle = _zero_model(student)
    student.train_steps(handle, 30, _batch(), "own")
    loss = _loss(handle.call("training_step", _batch(), 0))
    assert loss < 2.3, (
        f"потери после 30 шагов / loss after 30 steps: {loss:.4f}, ожидалось меньше / expected < 2.3"
    )


def test_names_of_metrics(student):
    """записываются метрики / metrics are logged"""
    images, labels = (
        torch.randn(10, 1, 2, 2, generator=torch.Generator().manual_seed(0)),
        torch.arange(10) % 10,
    )
    for stage, prefix in (("validate", "val"), ("test", "test")):
        logged = student.evaluate(_zero_model(student), images, labels, batch_size=4, stage=stage)
        for name in (f"{prefix}_loss", f"{prefix}_accuracy"):
            assert name in logged, f"не записано / not logged: {name}; есть / found: {sorted(logged)}"
