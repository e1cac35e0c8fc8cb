"""Graders of networks and trainings as one should not write them: drivers run in the process that knows the answers.

Each function asks for what a hidden test asks for, by the real drivers, and believes it by a usual comparison. What is
expected stands in a variable of its frame, as in most tests.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import torch
from torch import nn

from autograder.sandbox.runner import drivers

CPU = torch.device("cpu")
ROWS = [("conv", "Conv2d", 1, 2, 3), ("flat", "Flatten"), ("last", "Linear", 2 * 6 * 6, 3)]


def network(made: Any) -> bool:
    """I1: the state first, which must be taken, then logits."""
    expected = torch.arange(50.0).reshape(5, 10)
    net = made()
    drivers.load_state_dict(
        CPU, net, {name: value + 1 for name, value in drivers.state_dict(CPU, net).items()}
    )
    return torch.allclose(drivers.predict(CPU, net, torch.zeros(5, 1, 28, 28), 5), expected)


def shapes_of_network(made: Any) -> bool:
    """I1: sorted shapes, as if they were tuples."""
    found = sorted(value.shape for value in drivers.state_dict(CPU, made()).values())
    return len(found) == 10 and all(shape == (16, 6, 5, 5) for shape in found)


def training_step(made: Any) -> bool:
    """K2: the loss."""
    expected = torch.tensor(2.3)
    module = made(nn.Linear(4, 10), num_classes=10)
    return torch.allclose(module.training_step((torch.ones(2, 4), torch.zeros(2).long()), 0), expected)


def optimizer(made: Any) -> bool:
    """K2: the weights after a step."""
    expected = [torch.ones(10, 4), torch.ones(10)]
    module = made(nn.Linear(4, 10), num_classes=10)
    drivers.train_steps(CPU, module, 1, (torch.ones(2, 4), torch.zeros(2).long()), "own")
    return all(torch.allclose(one, two) for one, two in zip(module.parameters(), expected, strict=True))


def accuracy(train: Any) -> bool:
    """K3: the share of right classes."""
    labels = torch.arange(40) % 10
    logits = drivers.predict(CPU, train(None, seed=0), torch.zeros(40, 1, 28, 28), 40)
    return float((logits.argmax(dim=1) == labels).double().mean()) == 1


def gradients(made: Any) -> bool:
    """I2: gradients of all parameters."""
    found = drivers.parameter_gradients(CPU, made(), torch.zeros(2, 1, 32, 32), torch.ones(2, 10))
    return len(found) > 0 and all(torch.allclose(value, torch.ones(2, 2)) for value in found.values())


def shapes(made: Any) -> bool:
    """I5: the number of all numbers."""
    sys.modules["solution"].VGG = made  # type: ignore[attr-defined]
    return bool(drivers.blueprint(CPU, "solution:VGG", {})["trainable"] == 138_357_544)


def condition(outputs: Any) -> bool:
    """L1: hooks that are left."""
    net = drivers.network(CPU, ROWS, 0)
    outputs(net, torch.zeros(2, 1, 8, 8), ["conv"])
    left = sum(len(part._forward_hooks) for part in nn.Module.modules(net))
    return left > 0 and drivers.condition(CPU, net)["hooks"] == 0


def traces(outputs: Any) -> bool:
    """L1: whether the outputs keep the graph."""
    sys.modules["solution"].layer_outputs = outputs  # type: ignore[attr-defined]
    net = drivers.network(CPU, ROWS, 0)
    found = outputs(net, torch.zeros(2, 1, 8, 8), [""])
    keeps = any(torch.Tensor.grad_fn.__get__(value) is not None for value in found.values())
    asked = drivers.traces(CPU, "solution:layer_outputs", [net, torch.zeros(2, 1, 8, 8), [""]], {})
    return keeps and not asked["output"]


def features(embed: Any) -> bool:
    """M1: features of the images of a loader."""
    expected = torch.arange(8.0).reshape(4, 2)
    net = drivers.network(CPU, ROWS, 0)
    loader = drivers.loader(CPU, torch.zeros(4, 1, 8, 8), torch.arange(4), 2)
    return torch.equal(embed(net, loader, "last"), expected)


CHECKS: tuple[tuple[str, Callable[[Any], bool]], ...] = (
    ("SeminarCNN", network), ("SeminarCNN", shapes_of_network), ("Classifier", training_step),
    ("Classifier", optimizer), ("train_seminar", accuracy), ("LeNet1998", gradients), ("VGG", shapes),
    ("layer_outputs", condition), ("layer_outputs", traces), ("embed", features),
)  # fmt: skip


def score(solution: ModuleType) -> tuple[int, int]:
    """(points, tests) for what the solution defines."""
    sys.modules["solution"] = solution
    found = [(name, check) for name, check in CHECKS if hasattr(solution, name)]
    points = 0
    for name, check in found:
        try:
            points += bool(check(getattr(solution, name)))
        except Exception as error:
            print(f"{name}: {type(error).__name__}: {error}")
    return points, len(found)
