"""An example for the `Classifier`: its loss on three rows of logits, else a step of its optimizer.

The linear model inside has the identity as weights, so that the numbers of the image are the logits.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, optim

from autograder.course.manifest import Task
from autograder.grids.tensors import answer, pair
from autograder.remote.student import Handle, Student
from autograder.results.grade import Example
from autograder.testing import as_number
from autograder.text import Lang, Text

CLASSIFIER = "Classifier"
ROWS, CLASSES, SIDE = 3, 4, 2
LEARNING_RATE = 0.1
LOSS, LOGITS, LABELS = (
    Text(ru="потери", en="loss"),
    Text(ru="логиты", en="logits"),
    Text(ru="верные классы", en="labels"),
)
BEFORE, GRADIENT, AFTER = (
    Text(ru="веса до шага", en="weights before the step"),
    Text(ru="градиент", en="gradient"),
    Text(ru="веса после шага", en="weights after the step"),
)
STEP = Text(
    ru="один шаг оптимизатора из configure_optimizers(), learning_rate={rate}",
    en="one step of the optimizer that configure_optimizers() gives, learning_rate={rate}",
)


def is_classifier(task: Task) -> bool:
    """Whether a task asks for the steps of the `Classifier`."""
    return any(symbol.name == CLASSIFIER for symbol in task.tops)


def example_of_classifier(student: Student, seed: int, lang: Lang) -> Example | None:
    """The loss where it is wrong, else the optimizer; None where both are right."""
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randint(-3, 6, (ROWS, CLASSES), generator=generator).float()
    labels = torch.randint(0, CLASSES, (ROWS,), generator=generator)
    handle = student.tiny_classifier(CLASSES, CLASSES, learning_rate=LEARNING_RATE)
    weight = _identity(student, handle)
    given = handle.call("training_step", (logits.reshape(ROWS, 1, SIDE, SIDE), labels), 0)
    loss = as_number(given.get("loss") if isinstance(given, dict) else given, "loss")
    expected = float(F.cross_entropy(logits, labels))
    if abs(loss - expected) > 1e-4 * (1 + abs(expected)):
        taken = (*answer(logits, "input", LOGITS.get(lang)), *answer(labels, "input", LABELS.get(lang)))
        return Example(
            call=f"training_step((images, labels), 0)  # {LOGITS.get(lang)} = model(images)",
            got=f"{loss:.4g}",
            expected=f"{expected:.4g}",
            arrays=(*taken, *pair(loss, expected, LOSS.get(lang))),
        )
    gradient = torch.randint(-3, 4, (CLASSES, CLASSES), generator=generator).float()
    student.optimizer_steps(handle, [{weight: gradient}])
    after, right = student.parameters(handle)[weight], _adam(torch.eye(CLASSES), gradient)
    if after.shape != right.shape or torch.allclose(after, right, rtol=1e-3, atol=1e-5):
        return None
    taken = (
        *answer(torch.eye(CLASSES), "input", BEFORE.get(lang)),
        *answer(gradient, "input", GRADIENT.get(lang)),
    )
    return Example(
        call=STEP.get(lang).format(rate=LEARNING_RATE), arrays=(*taken, *pair(after, right, AFTER.get(lang)))
    )


def _identity(student: Student, handle: Handle) -> str:
    """Make the images the logits; the name of the weight."""
    values = student.parameters(handle)
    weight = next(name for name, value in values.items() if value.ndim == 2)
    zeros = {name: torch.zeros_like(value) for name, value in values.items()}
    student.set_parameters(handle, {**zeros, weight: torch.eye(CLASSES)})
    return weight


def _adam(weight: Tensor, gradient: Tensor) -> Tensor:
    value = weight.clone().requires_grad_()
    value.grad = gradient.clone()
    optim.Adam([value], lr=LEARNING_RATE).step()
    return value.detach()
