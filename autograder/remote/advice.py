"""What is said of an exception besides its own words: in place of the drivers' sentences, and beside those of Python.

Drivers run where nobody knows the reader's language, and their names of exceptions tell a student nothing. What Python
and torch say is true but seldom says what to do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from autograder.text import Text

OF_KIND: Mapping[str, Text] = {
    "LazyLayersError": Text(
        ru="У слоёв сети ещё нет весов: nn.LazyLinear и другие ленивые слои создают их при первом вызове, а здесь "
        "число и форма весов нужны сразу. Вычислите размер входа слоя и возьмите nn.Linear или nn.Conv2d.",
        en="Layers of the network have no weights yet: nn.LazyLinear and other lazy layers make them at the first "
        "call, and here their number and shapes are needed at once. Compute the size of the layer's input, and take "
        "nn.Linear or nn.Conv2d.",
    ),
    "ReturnedValueError": Text(
        ru="Код отработал, но его результат сравнить нельзя: мешает тип значения, тип чисел, форма или размер.",
        en="Your code ran, but its result cannot be compared, because of its type, dtype, shape or size.",
    ),
}
"""Exceptions of the drivers, by their names: may be said of hidden calls, too."""

OF_DRIVERS: Sequence[tuple[re.Pattern[str], Text]] = [
    (re.compile(pattern), Text(ru=ru, en=en))
    for pattern, ru, en in (
        (
            r"training_step returned a (\w+);",
            "training_step вернул {0}, а должен вернуть потери: тензор из одного числа.",
            "training_step returned {0}; it should return the loss, a tensor of one number.",
        ),
        (
            r"configure_optimizers returned a (\w+);",
            "configure_optimizers вернул {0}, а должен вернуть оптимизатор.",
            "configure_optimizers returned {0}; it should return an optimizer.",
        ),
        (
            r"train_seminar returned a (\w+);",
            "train_seminar вернула {0}, а должна вернуть обученную сеть.",
            "train_seminar returned {0}; it should return the network that was trained.",
        ),
        (
            r"the network gave a (\w+);",
            "Сеть вернула {0}, ожидался тензор.",
            "The network returned {0}, expected a tensor.",
        ),
        (
            r"the result is a (\w+), not a tensor",
            "Функция вернула {0}, а не тензор, и градиенту взяться неоткуда.",
            "The function returned {0} and no tensor, so there is no gradient.",
        ),
        (
            r"the result has shape (\(.*?\)), a gradient was asked for shape (\(.*?\))",
            "Форма результата {0}, ожидалась {1}.",
            "The shape of the result is {0}, expected {1}.",
        ),
        (
            r"on the 'meta' device",
            "Результат создан на устройстве meta, в нём нет чисел. Создавайте тензоры там же, где лежит вход.",
            "The result was made on the device meta and has no numbers. Make tensors where the input is.",
        ),
        (
            r"has dtype (?:torch\.)?(\w+)[;,]",
            "Результат с типом чисел {0} сравнить нельзя: нужен тип входа, обычно float32 или float64.",
            "A result of dtype {0} cannot be compared: take the dtype of the input, usually float32 or float64.",
        ),
    )
]
"""Sentences of drivers -> what a student reads of them."""

BESIDE: Sequence[tuple[str, re.Pattern[str], Text]] = [
    (kind, re.compile(pattern), Text(ru=ru, en=en))
    for kind, pattern, ru, en in (
        (
            "TypeError",
            r"unexpected keyword argument",
            "Имена аргументов менять нельзя: тесты передают их по имени.",
            "Keep the names of the arguments: the tests hand them over by name.",
        ),
        (
            "TypeError",
            r"missing \d+ required positional|positional arguments? but",
            "Сверьте аргументы и их значения по умолчанию с заголовком из задания.",
            "Compare the arguments and their defaults with the signature in the task.",
        ),
        (
            "TypeError",
            r"'tuple'|type tuple",
            "Одно из значений здесь кортеж (tuple), в нём несколько чисел: разберите его на числа или переберите их.",
            "A value is a tuple here, which holds several numbers: take it apart, or go through its numbers.",
        ),
        (
            "(TypeError|AttributeError)",
            r"\bNoneType\b",
            "Одно из значений здесь None: обычно аргумент, который не передали, или результат функции без return.",
            "A value is None here: mostly an argument that was not given, or the result of a function without return.",
        ),
        (
            "AttributeError",
            r"before Module\.__init__\(\) call",
            "Метод __init__ сети начинается с вызова super().__init__().",
            "The method __init__ of a network begins with a call of super().__init__().",
        ),
        (
            "NotImplementedError",
            r"missing the required \"forward\"",
            "В классе нет метода forward: он не написан, назван иначе или стоит с другим отступом.",
            "The class has no method forward: it is not written, has another name, or another indentation.",
        ),
        (
            "IndexError",
            r"Dimension out of range",
            "Оси с таким номером у тензора нет: напечатайте .shape перед этой строкой и посчитайте оси с нуля.",
            "The tensor has no such axis: print .shape before this line, and count the axes from zero.",
        ),
        (
            "IndexError",
            r"out of (bounds|range)",
            "Индекс вышел за край тензора: проверьте, сколько там мест и откуда начинается счёт.",
            "The index leaves the tensor: see how many places there are, and where counting begins.",
        ),
        (
            "RuntimeError",
            r"does not require grad",
            "Градиент не доходит до входа: где-то стоит detach, no_grad, item, переход в numpy или операция без "
            "производной, например argmax.",
            "The gradient does not reach the input: there is a detach, no_grad, item, a detour through numpy or an "
            "operation without a derivative, such as argmax.",
        ),
        (
            "RuntimeError",
            r"a leaf Variable that requires grad",
            "Функция меняет на месте свой вход: работайте с новым тензором.",
            "The function changes its input in place: work with a new tensor.",
        ),
        (
            "RuntimeError",
            r"in-?place operation",
            "Тензор, нужный для градиента, потом изменён на месте: соберите новый вместо записи в старый.",
            "A tensor that the gradient needs was changed in place later: make a new one, do not write into the old.",
        ),
        (
            "RuntimeError",
            r"mat1 and mat2 shapes",
            "Полносвязный слой ждёт вектор другой длины: вычислите её из размера картинки.",
            "The dense layer wants a vector of another length: compute it from the size of the image.",
        ),
        (
            "RuntimeError",
            r"must match the (size|existing size)|size of tensor|shape mismatch|is invalid for input of size",
            "Формы не подходят друг к другу: напечатайте .shape обоих тензоров перед этой строкой.",
            "The shapes do not fit: print .shape of both tensors before this line.",
        ),
        (
            "RuntimeError",
            r"dtype|scalar type|should be the same",
            "Смешаны типы чисел, обычно float32 и float64: новым тензорам давайте тип входа, x.dtype.",
            "Dtypes are mixed, mostly float32 and float64: give new tensors that of the input, x.dtype.",
        ),
    )
]
"""Kind and words of an exception -> what can be done about it."""


def in_place_of(kind: str, text: str) -> Text | None:
    """The sentence that is told instead of an exception of the drivers; None for all others."""
    for pattern, said in OF_DRIVERS if kind in ("TypeError", "ValueError", "ReturnedValueError") else ():
        found = pattern.search(text.rpartition("\n")[2])
        if found is not None:
            blanks = [part.replace("NoneType", "None") for part in found.groups()]
            return Text(ru=said.ru.format(*blanks), en=said.en.format(*blanks))
    return OF_KIND.get(kind)


def beside(kind: str, text: str) -> Text | None:
    """What to do about an exception of Python or torch; None where nothing helps more than its own words."""
    for name, pattern, said in BESIDE:
        if re.fullmatch(name, kind) and pattern.search(text):
            return said
    return None
