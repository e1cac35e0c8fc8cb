"""An example for the `Classifier`: its loss on three rows of logits, what it logs, or a step of its optimizer.

The linear model inside has the identity as weights, so that the numbers of the image are the logits.
"""

from __future__ import annotations

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, optim

from autograder.course.manifest import Task
from autograder.grids.grid import Grid
from autograder.grids.tensors import answer, pair
from autograder.grids.values import cut, shown
from autograder.remote.student import Handle, Student
from autograder.remote.transcript import Transcript
from autograder.results.grade import Example
from autograder.testing import as_number
from autograder.text import Lang, Text

CLASSIFIER = "Classifier"
ROWS, CLASSES, SIDE, BATCH = 3, 4, 2, 2
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
STEP = Text(ru="один шаг оптимизатора", en="one step of the optimizer")
EVALUATED = Text(
    ru="что записано для {rows} картинок в батчах по {batch}",
    en="what is logged for {rows} images in batches of {batch}",
)
LOGGED = Text(ru="записано", en="logged")
NOT_LOGGED = Text(
    ru="Не записано: {missing}; записано: {logged}.",
    en="Not logged: {missing}; only these were logged: {logged}.",
)
NOTHING_LOGGED = Text(ru="ничего не записано", en="nothing was logged")
Asked = Literal["loss", "optimizer", "validate", "test"]


def is_classifier(task: Task) -> bool:
    """Whether a task asks for the steps of the `Classifier`."""
    return any(symbol.name == CLASSIFIER for symbol in task.tops)


def asked_in(transcript: Transcript) -> Asked:
    """What a test asked a `Classifier` for first: what is logged, or a step of its optimizer; else the loss."""
    for turn in transcript.turns:
        if (turn.kind, turn.name) == ("driver", "evaluate"):
            return "test" if turn.kwargs.get("stage") == "test" else "validate"
        if (turn.kind, turn.name) == ("driver", "optimizer_steps"):
            return "optimizer"
    return "loss"


def example_of_classifier(student: Student, seed: int, lang: Lang, asked: Asked = "loss") -> Example | None:
    """What is asked for on three rows, or for the optimizer one step; None where that is right."""
    generator = torch.Generator().manual_seed(seed)
    handle = student.tiny_classifier(CLASSES, CLASSES, learning_rate=LEARNING_RATE)
    weight = _identity(student, handle)
    if asked == "optimizer":
        return _of_optimizer(student, handle, weight, generator, lang)
    # No two logits of a row are equal, so that there is one best class.
    logits = torch.stack([torch.randperm(9, generator=generator)[:CLASSES] - 3 for _ in range(ROWS)]).float()
    if asked != "loss":
        return _of_logged(student, handle, logits, asked, lang)
    labels = torch.randint(0, CLASSES, (ROWS,), generator=generator)
    given = handle.call("training_step", (_images(logits), labels), 0)
    loss = as_number(given.get("loss") if isinstance(given, dict) else given, "loss")
    expected = float(F.cross_entropy(logits, labels))
    if _is_close(loss, expected):
        return None
    return Example(
        call=f"training_step((images, labels), 0)  # {LOGITS.get(lang)} = model(images)",
        got=f"{loss:.4g}",
        expected=f"{expected:.4g}",
        arrays=(*_rows(logits, labels, lang), *pair(loss, expected, LOSS.get(lang))),
    )


def _of_logged(
    student: Student, handle: Handle, logits: Tensor, stage: Literal["validate", "test"], lang: Lang
) -> Example | None:
    """What is logged for three images in batches of two and one: all right, then wrong, so that means differ."""
    labels = torch.cat([logits[:BATCH].argmax(dim=1), logits[BATCH:].argmin(dim=1)])
    prefix = "test" if stage == "test" else "val"
    expected = {
        f"{prefix}_accuracy": BATCH / ROWS,
        f"{prefix}_loss": float(F.cross_entropy(logits, labels)),
    }
    logged = student.evaluate(handle, _images(logits), labels, batch_size=BATCH, stage=stage)
    # With on_step=True and on_epoch=True Lightning puts `_epoch` behind a name.
    named = {name: logged.get(name, logged.get(f"{name}_epoch")) for name in expected}
    found = {name: value for name, value in named.items() if value is not None}
    if len(found) == len(expected) and all(_is_close(found[name], expected[name]) for name in expected):
        return None
    missing = [name for name in expected if name not in found]
    got = logged if missing else found
    said = NOT_LOGGED.get(lang).format(missing=", ".join(missing), logged=", ".join(sorted(map(str, logged))))
    return Example(
        error=cut(said) if missing and logged else "",
        call=f"Trainer.{stage}(...)  # {EVALUATED.get(lang).format(rows=ROWS, batch=BATCH)}",
        got=shown(got, lang) if got else NOTHING_LOGGED.get(lang),
        expected=shown(expected, lang),
        arrays=(*_rows(logits, labels, lang), *pair(got or None, expected, LOGGED.get(lang))),
    )


def _of_optimizer(
    student: Student, handle: Handle, weight: str, generator: torch.Generator, lang: Lang
) -> Example | None:
    gradient = torch.randint(-3, 4, (CLASSES, CLASSES), generator=generator).float()
    student.optimizer_steps(handle, [{weight: gradient}])
    after, right = student.parameters(handle)[weight], _adam(torch.eye(CLASSES), gradient)
    if after.shape != right.shape or torch.allclose(after, right, rtol=1e-3, atol=1e-5):
        return None
    taken = (
        *answer(torch.eye(CLASSES), "input", BEFORE.get(lang)),
        *answer(gradient, "input", GRADIENT.get(lang)),
    )
    call = f"Classifier(model, num_classes={CLASSES}, learning_rate={LEARNING_RATE}).configure_optimizers().step()"
    return Example(call=f"{call}  # {STEP.get(lang)}", arrays=(*taken, *pair(after, right, AFTER.get(lang))))


def _images(logits: Tensor) -> Tensor:
    return logits.reshape(ROWS, 1, SIDE, SIDE)


def _rows(logits: Tensor, labels: Tensor, lang: Lang) -> tuple[Grid, ...]:
    return *answer(logits, "input", LOGITS.get(lang)), *answer(labels, "input", LABELS.get(lang))


def _is_close(one: float, other: float) -> bool:
    return abs(one - other) <= 1e-4 * (1 + abs(other))


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
