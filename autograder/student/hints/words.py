"""The sentences around a hint, in both languages."""

from __future__ import annotations

from autograder.text import Text

HINT = Text(ru="{task}, подсказка {number} из {n}", en="{task}, hint {number} of {n}")
MORE_IN_KERNEL = Text(
    ru='Мало? Ещё одна: hw_cnn.hint("{task}")', en='Not enough? The next one: hw_cnn.hint("{task}")'
)
MORE_BY_COMMAND = Text(
    ru="Мало? Ещё одна: hw-cnn hint {task} {number}",
    en="Not enough? The next one: hw-cnn hint {task} {number}",
)
LAST = Text(
    ru="Это последняя подсказка. Дальше помогут открытые тесты: числа в них можно сосчитать на бумаге.",
    en="That was the last hint. The public tests help on: their numbers can be worked out on paper.",
)
NO_HINTS = Text(ru="Для {task} подсказок нет.", en="There are no hints for {task}.")
NO_SUCH_HINT = Text(
    ru="Такой подсказки нет: {number}. Для {task} их {n}, с номерами от 1 до {n}.",
    en="There is no such hint: {number}. {task} has {n}, numbered from 1 to {n}.",
)
USAGE = Text(
    ru="Использование: hw-cnn hint ЗАДАНИЕ [НОМЕР], например hw-cnn hint F1 2. Подсказок три, без номера "
    "показывается первая. На оценку они не влияют: никто не знает, сколько вы открыли.",
    en="Usage: hw-cnn hint TASK [NUMBER], for example hw-cnn hint F1 2. There are three hints; without a number the "
    "first is shown. They do not change your mark: nobody knows how many you have opened.",
)
TRY_IN_KERNEL = Text(
    ru='{task}: не всё готово. Подсказка, если нужна: hw_cnn.hint("{task}")',
    en='{task}: not everything passes. For a hint: hw_cnn.hint("{task}")',
)
TRY_BY_COMMAND = Text(ru="подсказка, если нужна: hw-cnn hint {task}", en="for a hint: hw-cnn hint {task}")
