"""ru: Открытые тесты K2 на линейной модели, потери которой можно найти на бумаге.
en: Public tests of K2, on a linear model whose loss can be found by hand.

ru: Картинка — одно число t, логиты модели 0 и t·ln 3. Поэтому у класса 1 вероятность 3/4 при t = 1 и 1/4 при t = -1.
en: An image is one number t, the model gives the logits 0 and t·ln 3. So class 1 has the probability 3/4 for t = 1, and
en: 1/4 for t = -1.
"""

from __future__ import annotations

import math

import torch

from autograder.testing import Illustrated, as_number, as_tensor

# ru: ln 4/3 — потери там, где верному классу досталось 3/4, ln 4 — там, где 1/4.
# en: ln 4/3 is the loss where the true class has 3/4, ln 4 where it has 1/4.
RIGHT, WRONG = math.log(4 / 3), math.log(4)


def _model(student, *slopes: float, learning_rate: float | None = None):
    """Классификатор с логитами slope·t, по классу на наклон / A classifier with logits slope·t, a class per slope."""
    handle = student.tiny_classifier(1, len(slopes), learning_rate)
    shapes = {name: value.shape for name, value in student.state_dict(handle).items()}
    state = {name: torch.zeros(shape) for name, shape in shapes.items()}
    (weight,) = [name for name, shape in shapes.items() if len(shape) == 2]
    student.load_state_dict(handle, state | {weight: torch.tensor(slopes, dtype=torch.float32)[:, None]})
    return handle


def _images(*numbers: float) -> torch.Tensor:
    """(N, 1, 1, 1)."""
    return torch.tensor(numbers, dtype=torch.float32)[:, None, None, None]


def _check(said: str, found: float, expected: float, logits: torch.Tensor, labels: torch.Tensor) -> None:
    """ru: Число и то, что должно быть; не сошлось — с логитами и верными классами.
    en: A number and what it should be; where they differ, with logits and labels.
    """
    if not abs(found - expected) < 1e-4:
        given = {"логиты / logits": logits, "верные классы / labels": labels}
        raise Illustrated(said, given, (found, expected))


def _loss(student, handle, batch: tuple[torch.Tensor, torch.Tensor]) -> float:
    output = handle.call("training_step", batch, 0)
    loss = as_tensor(output.get("loss") if isinstance(output, dict) else output, "training_step")
    shape = tuple(loss.shape)
    assert loss.numel() == 1, (
        f"потери имеют форму {shape}, ожидалось одно число / the loss has shape {shape}, expected one number"
    )
    return float(loss)


def test_equal_logits(student):
    """логиты равны: потери ln 10 при десяти классах / equal logits: the loss is ln 10 for ten classes"""
    for num_classes in (10, 12):
        labels = torch.tensor([0, 3, num_classes - 1])
        loss = _loss(student, _model(student, *[0.0] * num_classes), (_images(1, 2, 3), labels))
        right = f"ln {num_classes} = {math.log(num_classes):.4f}"
        said = f"потери {loss:.4f}, ожидалось {right} / the loss is {loss:.4f}, expected {right}"
        _check(said, loss, math.log(num_classes), torch.zeros(3, num_classes), labels)


def test_loss(student):
    """потери: кросс-энтропия логитов, средняя по батчу / the loss: mean cross-entropy of the logits"""
    images, labels = _images(1, 1, -1), torch.tensor([1, 1, 1])
    loss = _loss(student, _model(student, 0.0, math.log(3)), (images, labels))
    expected = (2 * RIGHT + WRONG) / 3
    right = f"(2·ln 4/3 + ln 4)/3 = {expected:.4f}"
    said = f"потери {loss:.4f}, ожидалось {right} / the loss is {loss:.4f}, expected {right}"
    _check(said, loss, expected, _logits(images), labels)


def test_gradient_step(student):
    """градиент доходит до весов / the gradient reaches the weights"""
    handle = _model(student, 0.0, 0.0)
    student.train_steps(handle, 1, (_images(1), torch.tensor([1])), ("sgd", 1.0))
    for name, value in student.state_dict(handle).items():
        # ru: Обе вероятности 1/2, верен класс 1: производные 1/2 и -1/2, шаг против них.
        # en: Both probabilities are 1/2 and class 1 is true: the derivatives are 1/2, -1/2, a step goes against them.
        if value.numel() == 2:
            found = [round(float(number), 4) for number in value.flatten()]
            assert found == [-0.5, 0.5], (
                f"{name} после шага {found}, ожидалось [-0.5, 0.5] / "
                f"{name} after the step is {found}, expected [-0.5, 0.5]"
            )


def test_optimizer(student):
    """Adam со скоростью self.learning_rate / Adam with the learning rate self.learning_rate"""
    handle = _model(student, 1.0, 1.0, learning_rate=0.1)
    start = student.state_dict(handle)
    small_and_large = {
        name: torch.tensor([0.01, 100.0]).reshape(value.shape)
        for name, value in start.items()
        if value.numel() == 2
    }
    student.optimizer_steps(handle, [small_and_large] * 2)
    after = student.state_dict(handle)
    for name in small_and_large:
        # ru: Пока градиент не меняется, каждый шаг Adam равен скорости обучения, велик градиент или мал.
        # en: While the gradient stays the same, each step of Adam is the learning rate, for small and large gradients.
        moved = [round(float(number), 4) for number in (after[name] - start[name]).flatten()]
        assert moved == [-0.2, -0.2], (
            f"{name}: два шага сдвинули на {moved}, ожидалось [-0.2, -0.2] / "
            f"{name}: two steps moved by {moved}, expected [-0.2, -0.2]"
        )
    handle = _model(student, 1.0, 1.0, learning_rate=0.1)
    student.optimizer_steps(handle, [{name: value * 0 for name, value in small_and_large.items()}])
    for name, value in student.state_dict(handle).items():
        # ru: Без градиента Adam не двигает ничего. Двигает weight_decay; у AdamW он включён по умолчанию.
        # en: Without a gradient Adam moves nothing. Weight decay does; AdamW has it by default.
        exactly = [float(number) for number in (value - start[name]).flatten()]
        moved = [float(f"{number:.2g}") for number in exactly]
        assert exactly == [0.0] * len(exactly), (
            f"{name}: градиент равен нулю, а шаг сдвинул числа на {moved}; у Adam без weight_decay так не бывает / "
            f"{name}: the gradient is zero, and a step moves the numbers by {moved}; Adam without weight_decay does not"
        )


def _logits(images: torch.Tensor) -> torch.Tensor:
    """Логиты 0 и t·ln 3 / The logits 0 and t·ln 3."""
    return images.flatten()[:, None] * torch.tensor([0.0, math.log(3)])


# ru: Батч из четырёх картинок и батч из одной: четыре ответа верны, последний нет.
# en: A batch of four images and one of one: four right answers, then a wrong one.
IMAGES, LABELS = _images(1, 1, 1, -1, 1), torch.tensor([1, 1, 1, 0, 0])


def _logged(student, stage: str, name: str) -> float:
    """Что записано для пяти картинок в батчах по четыре / What is logged for five images in batches of four."""
    metrics = student.evaluate(_model(student, 0.0, math.log(3)), IMAGES, LABELS, batch_size=4, stage=stage)
    # ru: С on_step=True и on_epoch=True Lightning дописывает к имени _epoch.
    # en: With on_step=True and on_epoch=True Lightning adds _epoch to the name.
    value = metrics.get(name, metrics.get(name + "_epoch"))
    assert metrics, f"{name} не записано: не записано ничего / {name} was not logged: nothing was logged"
    found = ", ".join(sorted(metrics))
    assert value is not None, (
        f"{name} не записано; записано: {found} / {name} was not logged; only these were logged: {found}"
    )
    return as_number(value, name)


def test_accuracy(student):
    """точность на всей выборке, а не средняя по батчам / accuracy over the whole set, not a mean over batches"""
    for stage, name in (("validate", "val_accuracy"), ("test", "test_accuracy")):
        value = _logged(student, stage, name)
        said = f"{name}: {value:.4f}, ожидалось 0.8 (4 из 5) / {name}: {value:.4f}, expected 0.8 (4 of 5)"
        _check(said, value, 0.8, _logits(IMAGES), LABELS)


def test_loss_of_the_set(student):
    """потери на всей выборке, а не средние по батчам / the loss over the whole set, not a mean over batches"""
    for stage, name in (("validate", "val_loss"), ("test", "test_loss")):
        value, expected = _logged(student, stage, name), (4 * RIGHT + WRONG) / 5
        right = f"(4·ln 4/3 + ln 4)/5 = {expected:.4f}"
        said = f"{name}: {value:.4f}, ожидалось {right} / {name}: {value:.4f}, expected {right}"
        _check(said, value, expected, _logits(IMAGES), LABELS)
