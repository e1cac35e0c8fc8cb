"""Hidden tests of K2, the LightningModule's steps, on a linear model that the worker builds (never the student's I1).

Loss and gradient come from closed formulas. Adam is compared with Adam fed by the gradient that the student's own
training step gives, so that a wrong loss is not paid for twice.
"""

from __future__ import annotations

import torch
from torch import Tensor

from autograder.testing import as_tensor, assert_close, randn

FEATURES = 12
# The dense layer of the worker's nn.Sequential(Flatten, Linear) inside `Classifier.model`.
WEIGHT, BIAS = "model.1.weight", "model.1.bias"
BETAS, EPSILON = (0.9, 0.999), 1e-8


def _weights(rng, num_classes: int) -> tuple[Tensor, Tensor]:
    return randn(rng, num_classes, FEATURES, dtype=torch.float32), randn(
        rng, num_classes, dtype=torch.float32
    )


def _data(rng, n: int, num_classes: int) -> tuple[Tensor, Tensor]:
    x = randn(rng, n, 1, 3, FEATURES // 3, dtype=torch.float32)
    return x, torch.from_numpy(rng.integers(0, num_classes, n))


def _model(student, weight: Tensor, bias: Tensor, **settings):
    """The student's Classifier around flatten and one dense layer with these weights."""
    handle = student.tiny_classifier(FEATURES, weight.shape[0], **settings)
    _load(student, handle, weight, bias)
    return handle


def _load(student, handle, weight: Tensor, bias: Tensor) -> None:
    state = student.state_dict(handle)
    assert isinstance(state, dict), "the module has no state dict"
    student.load_state_dict(handle, {**state, WEIGHT: weight, BIAS: bias})


def _state(student, handle) -> tuple[Tensor, Tensor]:
    state = student.state_dict(handle)
    assert isinstance(state, dict), "the module has no state dict"
    return as_tensor(state.get(WEIGHT), "weight"), as_tensor(state.get(BIAS), "bias")


def _logits(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return x.flatten(1).double() @ weight.double().T + bias.double()


def _mean_cross_entropy(logits: Tensor, y: Tensor) -> Tensor:
    """mean over examples of log(sum_j exp z_j) - z_y, in float64."""
    top = logits.max(dim=1, keepdim=True).values
    log_sum = top[:, 0] + (logits - top).exp().sum(dim=1).log()
    return (log_sum - logits[torch.arange(len(y)), y]).mean()


def _loss_of(output: object) -> Tensor:
    """Lightning takes a tensor or a dictionary with the key `loss`."""
    loss = as_tensor(output.get("loss") if isinstance(output, dict) else output, "loss")
    assert loss.numel() == 1, f"loss has shape {tuple(loss.shape)}, expected one number"
    return loss.detach().reshape(()).double()


def _own_gradient(student, weight: Tensor, bias: Tensor, batch) -> tuple[Tensor, Tensor]:
    """Gradient given by the student's training step, read off one step of plain descent."""
    handle = _model(student, weight, bias)
    student.train_steps(handle, 1, batch, ("sgd", 1.0))
    new_weight, new_bias = _state(student, handle)
    assert new_weight.shape == weight.shape, "weight changed its shape"
    assert new_bias.shape == bias.shape, "bias changed its shape"
    grads = weight - new_weight, bias - new_bias
    assert float(grads[0].abs().max()) > 1e-6, "the training step gives no gradient"
    return grads


def _adam(grads: list[Tensor], value: Tensor, lr: float) -> Tensor:
    """`value` after one Adam step per gradient."""
    first = second = torch.zeros_like(value)
    for t, grad in enumerate(grads, start=1):
        first = BETAS[0] * first + (1 - BETAS[0]) * grad
        second = BETAS[1] * second + (1 - BETAS[1]) * grad**2
        value = value - lr * (first / (1 - BETAS[0] ** t)) / ((second / (1 - BETAS[1] ** t)).sqrt() + EPSILON)
    return value


def test_training_loss(rng, student):
    for n in (1, 7, int(rng.integers(20, 70))):
        weight, bias = _weights(rng, 10)
        x, y = _data(rng, n, 10)
        loss = _loss_of(_model(student, weight, bias).call("training_step", (x, y), 0))
        assert_close(
            loss, _mean_cross_entropy(_logits(x, weight, bias), y), rtol=1e-4, atol=1e-5, what="loss"
        )


def test_gradient_step(rng, student):
    lr = 0.3
    for n in (5, int(rng.integers(20, 70))):
        weight, bias = _weights(rng, 10)
        x, y = _data(rng, n, 10)
        handle = _model(student, weight, bias)
        student.train_steps(handle, 1, (x, y), ("sgd", lr))
        residual = torch.softmax(_logits(x, weight, bias), dim=1)
        residual[torch.arange(n), y] -= 1
        new_weight, new_bias = _state(student, handle)
        expected = weight.double() - lr * residual.T @ x.flatten(1).double() / n
        assert_close(new_weight, expected.float(), rtol=1e-4, atol=1e-5, what="weight after a step")
        assert_close(
            new_bias, (bias.double() - lr * residual.mean(0)).float(), rtol=1e-4, atol=1e-5, what="bias"
        )


def test_adam(rng, student):
    lr = 1e-3
    # Small weights: the gradient is read off their change, and float32 keeps more digits of small numbers.
    weight, bias = (0.05 * value for value in _weights(rng, 10))
    batch = _data(rng, 40, 10)
    history: list[tuple[Tensor, Tensor]] = []
    at = (weight, bias)
    for steps in (1, 2):
        history.append(_own_gradient(student, *at, batch))
        expected = [_adam([g[i] for g in history], start, lr) for i, start in enumerate((weight, bias))]
        handle = _model(student, weight, bias)
        student.train_steps(handle, steps, batch, "own")
        at = _state(student, handle)
        for what, before, actual, value in zip(("weight", "bias"), (weight, bias), at, expected, strict=True):
            assert actual.shape == before.shape, f"{what} changed its shape"
            assert_close(actual - before, value - before, rtol=1e-2, atol=2e-6, what=f"step of Adam, {what}")


def test_learning_rate(rng, student):
    weight, bias = _weights(rng, 10)
    batch = _data(rng, 40, 10)
    moves = []
    for factor in (1, 4):
        handle = _model(student, weight, bias, learning_rate=factor * 2e-3)
        student.train_steps(handle, 1, batch, "own")
        after = _state(student, handle)[0]
        assert after.shape == weight.shape, "weight changed its shape"
        moves.append(after - weight)
    assert float(moves[0].abs().max()) > 1e-6, "the optimiser does not move the weights"
    assert_close(moves[1], 4 * moves[0], rtol=1e-2, atol=1e-5, what="step at four times the learning rate")


def _evaluated(rng, student, stage: str) -> tuple[dict[str, float], float, float]:
    """What the student's module logs for 100 examples in batches of 32, the right accuracy and the right loss."""
    weight, bias = _weights(rng, 10)
    x, y = _data(rng, 100, 10)
    logits = _logits(x, weight, bias)
    # The ragged last batch (4 examples) is all wrong, the rest is right in two cases of three.
    best, worst = logits.argmax(dim=1), logits.argmin(dim=1)
    right = torch.from_numpy(rng.random(100) < 2 / 3)
    right[96:] = False
    y = torch.where(right, best, worst)
    logged = student.evaluate(_model(student, weight, bias), x, y, batch_size=32, stage=stage)
    assert isinstance(logged, dict), "nothing was logged"
    return logged, float(right.double().mean()), float(_mean_cross_entropy(logits, y))


def _assert_logged(logged: dict[str, float], name: str, expected: float, tolerance: float) -> None:
    known = ", ".join(sorted(str(key) for key in logged)) or "nothing"
    assert name in logged, f"{name} was not logged (logged: {known})"
    value = logged[name]
    assert isinstance(value, (int, float, Tensor)), f"{name} is a {type(value).__name__}, expected a number"
    value = torch.as_tensor(value).double()
    assert value.numel() == 1, f"{name} has shape {tuple(value.shape)}, expected one number"
    assert abs(float(value) - expected) < tolerance, f"{name} has a wrong value"


def test_validation_accuracy(rng, student):
    logged, accuracy, _ = _evaluated(rng, student, "validate")
    _assert_logged(logged, "val_accuracy", accuracy, 1e-5)


def test_validation_loss(rng, student):
    logged, _, loss = _evaluated(rng, student, "validate")
    _assert_logged(logged, "val_loss", loss, 1e-3)


def test_test_step(rng, student):
    logged, accuracy, loss = _evaluated(rng, student, "test")
    _assert_logged(logged, "test_accuracy", accuracy, 1e-5)
    _assert_logged(logged, "test_loss", loss, 1e-3)


def test_number_of_classes(rng, student):
    num_classes = int(rng.integers(12, 20))
    weight, bias = _weights(rng, num_classes)
    x, y = _data(rng, 30, num_classes)
    y[0] = num_classes - 1
    loss = _loss_of(_model(student, weight, bias).call("training_step", (x, y), 0))
    assert bool(torch.isfinite(loss)), "loss is NaN or infinite"
    handle = _model(student, weight, bias)
    student.train_steps(handle, 20, (x, y), ("sgd", 0.05))
    after = _loss_of(handle.call("training_step", (x, y), 0))
    assert float(after) < float(loss), "the loss does not fall with another number of classes"
