"""Hidden tests of K2, the LightningModule's steps, on a linear model that the worker builds (never the student's I1).

Each looks at one property and is blind to the others:

- Which loss it is is seen by `test_training_loss` alone. The gradient is compared with differences of the student's own
  loss, a logged loss may be the right one or the student's own.
- The optimizer steps on gradients that the test gives: no loss takes part, and no rounding noise that Adam would turn
  into full steps.
- Whether accuracy is counted right is seen on the validation set; the test set may repeat the same mistake.
"""

from __future__ import annotations

import torch
from torch import Tensor

from autograder.testing import as_number, as_tensor, assert_close, randn

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
    weight, bias = as_tensor(state.get(WEIGHT), "weight"), as_tensor(state.get(BIAS), "bias")
    for value, ndim in ((weight, 2), (bias, 1)):
        assert value.is_floating_point(), f"a parameter has dtype {value.dtype}"
        assert value.ndim == ndim, f"a parameter has shape {tuple(value.shape)}"
    return weight, bias


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


def _adam(grads: list[Tensor], value: Tensor, lr: float) -> Tensor:
    """`value` after one Adam step per gradient."""
    first = second = torch.zeros_like(value)
    for t, grad in enumerate(grads, start=1):
        first = BETAS[0] * first + (1 - BETAS[0]) * grad
        second = BETAS[1] * second + (1 - BETAS[1]) * grad**2
        value = value - lr * (first / (1 - BETAS[0] ** t)) / ((second / (1 - BETAS[1] ** t)).sqrt() + EPSILON)
    return value


def test_training_loss(rng, student):
    pairs = []
    for n in (1, 7, int(rng.integers(20, 70))):
        weight, bias = _weights(rng, 10)
        x, y = _data(rng, n, 10)
        output = _model(student, weight, bias).call("training_step", (x, y), 0)
        pairs.append((output, _mean_cross_entropy(_logits(x, weight, bias), y)))
    for output, expected in pairs:
        assert_close(_loss_of(output), expected, rtol=1e-4, atol=1e-5, what="loss")


def _gradient(student, handle, start: tuple[Tensor, Tensor], batch: tuple[Tensor, Tensor]) -> list[Tensor]:
    """What a step of gradient descent takes off the weights."""
    lr = 0.3
    _load(student, handle, *start)
    student.train_steps(handle, 1, batch, ("sgd", lr))
    after = _state(student, handle)
    assert [part.shape for part in after] == [part.shape for part in start], "a parameter changed its shape"
    return [(old - new).double() / lr for old, new in zip(start, after, strict=True)]


def test_gradient_step(rng, student):
    h = 1e-2
    asked = []
    for n in (5, int(rng.integers(20, 70))):
        start = _weights(rng, 10)
        batch = _data(rng, n, 10)
        handle = _model(student, *start)
        gradient = _gradient(student, handle, start, batch)
        others = _gradient(student, handle, start, (batch[0], (batch[1] + 1) % 10))
        slopes = []
        for _ in range(4):
            directions = [randn(rng, *part.shape) / 4 for part in gradient]
            losses = []
            for sign in (1, -1):
                moved = ((v + sign * h * d).float() for v, d in zip(start, directions, strict=True))
                _load(student, handle, *moved)
                losses.append(handle.call("training_step", batch, 0))
            slopes.append((directions, losses))
        asked.append((gradient, others, slopes))
    for gradient, others, slopes in asked:
        length = float(sum((part**2).sum() for part in gradient)) ** 0.5
        assert length > 1e-4, "the training step gives no gradient"
        apart = float(sum(((a - b) ** 2).sum() for a, b in zip(gradient, others, strict=True))) ** 0.5
        assert apart > 1e-3 * length, "the gradient does not depend on the labels"
        for directions, outputs in slopes:
            ahead, behind = (float(_loss_of(output)) for output in outputs)
            slope = float(sum((g * d).sum() for g, d in zip(gradient, directions, strict=True)))
            change = (ahead - behind) / (2 * h)
            size = length * float(sum((d**2).sum() for d in directions)) ** 0.5
            assert abs(slope - change) < 5e-3 * size + 1e-5 * abs(ahead) / h, (
                "the gradient that reaches the weights is not that of the loss"
            )


def _gradients(rng, steps: int) -> list[dict[str, Tensor]]:
    """Gradients of the linear model of ten classes, large for some classes and small for others."""
    size = torch.logspace(-3, 0, 10)
    return [
        {
            WEIGHT: randn(rng, 10, FEATURES, dtype=torch.float32) * size[:, None],
            BIAS: randn(rng, 10, dtype=torch.float32) * size,
        }
        for _ in range(steps)
    ]


def test_adam(rng, student):
    lr = 1e-3
    weight, bias = _weights(rng, 10)
    gradients = _gradients(rng, 2)
    states = {}
    for steps in (1, 2):  # both before either is compared: what is recorded tells more optimisers apart
        handle = _model(student, weight, bias)
        student.optimizer_steps(handle, gradients[:steps])
        states[steps] = _state(student, handle)
    for steps, state in states.items():
        for name, before, actual in zip((WEIGHT, BIAS), (weight, bias), state, strict=True):
            assert actual.shape == before.shape, f"{name} changed its shape"
            expected = _adam([step[name].double() for step in gradients[:steps]], before.double(), lr)
            moved = actual.double() - before.double()
            assert_close(
                moved, expected - before.double(), rtol=2e-3, atol=2e-6, what=f"step of Adam, {name}"
            )


def test_learning_rate(rng, student):
    weight, bias = _weights(rng, 10)
    gradients = _gradients(rng, 1)
    moves = []
    for factor in (1, 4):
        handle = _model(student, weight, bias, learning_rate=factor * 2e-3)
        student.optimizer_steps(handle, gradients)
        moves.append(_state(student, handle))
    shapes = {tuple(part.shape for part in state) for state in moves}
    assert shapes == {(weight.shape, bias.shape)}, "a parameter changed its shape"
    moves = [torch.cat([(w - weight).flatten(), b - bias]) for w, b in moves]
    assert float(moves[0].abs().max()) > 1e-6, "the optimiser does not move the weights"
    assert_close(moves[1], 4 * moves[0], rtol=1e-2, atol=1e-5, what="step at four times the learning rate")


class _Set:
    """100 examples in batches of 32, what a right module measures on them, and what the student's own does.

    Drawn again until class 0 is right several times: else nobody would notice that it is never counted.
    """

    def __init__(self, rng, student) -> None:
        self._student = student
        num_right_zeros = 0
        while num_right_zeros < 3:
            self.weight, self.bias = _weights(rng, 10)
            self.x, _ = _data(rng, 100, 10)
            logits = _logits(self.x, self.weight, self.bias)
            # The ragged last batch (4 examples) is all wrong, the rest is right in two cases of three.
            right = torch.from_numpy(rng.random(100) < 2 / 3)
            right[96:] = False
            num_right_zeros = int((logits[right].argmax(dim=1) == 0).sum())
        self.y = torch.where(right, logits.argmax(dim=1), logits.argmin(dim=1))
        self.accuracy = float(right.double().mean())
        self.loss = float(_mean_cross_entropy(logits, self.y))

    def logged(self, stage: str) -> dict[str, float]:
        module = _model(self._student, self.weight, self.bias)
        logged = self._student.evaluate(module, self.x, self.y, batch_size=32, stage=stage)
        assert isinstance(logged, dict), "nothing was logged"
        return logged

    def own_loss(self) -> float:
        """The loss of the student's own training step, averaged over the examples."""
        module = _model(self._student, self.weight, self.bias)
        losses, sizes = [], []
        for batch in zip(self.x.split(32), self.y.split(32), strict=True):
            losses.append(float(_loss_of(module.call("training_step", batch, 0))))
            sizes.append(len(batch[1]))
        assert max(losses) - min(losses) > 1e-3, "the loss does not depend on the batch"
        return sum(loss * n for loss, n in zip(losses, sizes, strict=True)) / sum(sizes)


def _value(logged: dict[str, float], name: str) -> float:
    """What was logged under this name; `on_step=True, on_epoch=True` makes Lightning put `_epoch` behind it."""
    known = ", ".join(sorted(str(key) for key in logged)) or "nothing"
    found = [key for key in (name, f"{name}_epoch") if key in logged]
    assert found, f"{name} was not logged (logged: {known})"
    return as_number(logged[found[0]], name)


def _check_loss(value: float, data: _Set, name: str) -> None:
    """It is the right loss or the student's own, which is then paid for in `test_training_loss`."""
    if abs(value - data.loss) >= 1e-3:
        own = data.own_loss()
        assert abs(value - own) < 1e-3 * (1 + abs(own)), f"{name} has a wrong value"


def test_validation_accuracy(rng, student):
    data = _Set(rng, student)
    value = _value(data.logged("validate"), "val_accuracy")
    assert abs(value - data.accuracy) < 1e-5, "val_accuracy has a wrong value"


def test_validation_loss(rng, student):
    data = _Set(rng, student)
    _check_loss(_value(data.logged("validate"), "val_loss"), data, "val_loss")


def test_test_step(rng, student):
    data, other = _Set(rng, student), _Set(rng, student)
    logged = data.logged("test")
    for name, right in (("accuracy", data.accuracy), ("loss", data.loss)):
        value = _value(logged, f"test_{name}")
        if abs(value - right) < (1e-5 if name == "accuracy" else 1e-3):
            continue
        own, elsewhere = (_value(part.logged("validate"), f"val_{name}") for part in (data, other))
        assert abs(own - elsewhere) > 1e-4, f"val_{name} does not depend on the data"
        assert abs(value - own) < 1e-5 * (1 + abs(own)), f"test_{name} has a wrong value"


def test_number_of_classes(rng, student):
    num_classes = int(rng.integers(12, 20))
    weight, bias = _weights(rng, num_classes)
    x, y = _data(rng, 30, num_classes)
    y[0] = num_classes - 1
    loss = _loss_of(_model(student, weight, bias).call("training_step", (x, y), 0))
    handle = _model(student, weight, bias)
    student.train_steps(handle, 20, (x, y), ("sgd", 0.05))
    after = _loss_of(handle.call("training_step", (x, y), 0))
    assert bool(torch.isfinite(loss)), "loss is NaN or infinite"
    assert float(after) < float(loss), "the loss does not fall with another number of classes"
