"""What is said of an exception besides its own words: in place of the drivers' sentences, and beside those of Python.

Drivers run where nobody knows the reader's language, and their names of exceptions tell a student nothing. What Python
and torch say is true but seldom says what to do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal

from autograder.remote.failures import StudentError
from autograder.remote.records import DTYPES
from autograder.text import LANGS, Lang, Text

ADVICE = Text(ru="Совет: {text}", en="Advice: {text}")

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

# What a value that has come back can be, in the process of the judge.
TYPES = frozenset(
    ("NoneType", "bool", "int", "float", "str", "list", "tuple", "dict", "Tensor", "ndarray"),
)
OTHER_SHAPE = Text(
    ru="Форма результата неверна, и градиент через него не передать.",
    en="The shape of the result is wrong, so no gradient could be sent through it.",
)
NOTHING = Text(ru="None (не забыт ли return?)", en="None (is a return missing?)")
OTHER_TYPE = Text(ru="объект другого типа", en="an object of another type")
Blank = Literal["type", "dtype", "shape"]
Row = tuple[re.Pattern[str], Text, tuple[Blank, ...]]


def _row(pattern: str, russian: str, english: str, *blanks: Blank) -> Row:
    return re.compile(pattern), Text(ru=russian, en=english), blanks


OF_DRIVERS: Sequence[Row] = [
    _row(
        r"training_step returned a (float|int);",
        "training_step должен вернуть потери (тензор из одного числа), а вернул {0}: верните сами потери, без .item() "
        "и float().",
        "training_step should return the loss, a tensor of one number; it returned {0}: return the loss itself, "
        "without .item() or float().",
        "type",
    ),
    _row(
        r"training_step returned a (\w+);",
        "training_step должен вернуть потери (тензор из одного числа), а вернул {0}.",
        "training_step should return the loss, a tensor of one number; it returned {0}.",
        "type",
    ),
    _row(
        r"configure_optimizers returned a (\w+);",
        "configure_optimizers вместо оптимизатора вернул {0}.",
        "configure_optimizers should return an optimizer; it returned {0}.",
        "type",
    ),
    _row(
        r"train_seminar returned a (\w+);",
        "train_seminar вместо обученной сети вернула {0}.",
        "train_seminar should return the network that was trained; it returned {0}.",
        "type",
    ),
    _row(
        r"the network gave a (\w+);",
        "forward сети вместо тензора вернул {0}.",
        "The network's forward should return a tensor; it returned {0}.",
        "type",
    ),
    _row(
        r"gave a (\w+); an nn\.Module is needed",
        "Вместо сети (nn.Module) получено вот что: {0}.",
        "A network (nn.Module) was expected; what came is {0}.",
        "type",
    ),
    _row(
        r"the result is a (\w+), not a tensor",
        "Функция вместо тензора вернула {0}, и градиенту взяться неоткуда.",
        "The function should return a tensor, else there is no gradient; it returned {0}.",
        "type",
    ),
    _row(
        r"the result has shape (\(.*?\)), a gradient was asked for shape (\(.*?\))",
        "Форма результата {0}, нужна {1}.",
        "The shape of the result is {0}, it should be {1}.",
        "shape",
        "shape",
    ),
    _row(
        r"on the 'meta' device",
        "Результат создан на устройстве meta, в нём нет чисел. Создавайте тензоры там же, где лежит вход.",
        "The result was made on the device meta and has no numbers. Make tensors where the input is.",
    ),
    _row(
        r"a tensor has layout",
        "Результат — разреженный или вложенный тензор, а нужен обычный: его даёт .to_dense().",
        "The result is a sparse or nested tensor, a plain one is needed: .to_dense() gives it.",
    ),
    _row(
        r"has \d+ dimensions, at most",
        "У результата слишком много осей: сверьте его форму с заданием.",
        "The result has too many axes: compare its shape with the task.",
    ),
    _row(
        r"is too large to be returned",
        "Результат слишком велик: сверьте его форму с заданием.",
        "The result is far too large: compare its shape with the task.",
    ),
    _row(
        r"(?:has|of) dtype (?:torch\.)?(\w+)(?:[;,]| has no values)",
        "Результат с типом чисел {0} сравнить нельзя: нужен тип входа, обычно float32 или float64.",
        "A result of dtype {0} cannot be compared: take the dtype of the input, usually float32 or float64.",
        "dtype",
    ),
    _row(
        r"the checkpoint is no state_dict",
        "В файле весов нет state_dict — словаря тензоров: сохраняйте network.state_dict().",
        "The file of weights holds no state_dict, a dictionary of tensors: save network.state_dict().",
    ),
]
"""Sentences of drivers -> what a student reads of them, and what stands in its blanks."""

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
            "RuntimeError",
            r"Unexpected key\(s\) in state_dict",
            "Так не называется ни один параметр: его имя другое, или это обычный тензор, о котором nn.Module не знает. "
            "Параметр — это self.имя = nn.Parameter(...).",
            "No parameter has this name: it is called otherwise, or is a plain tensor, of which nn.Module does not "
            "know. A parameter is self.name = nn.Parameter(...).",
        ),
        (
            "TypeError",
            r"'tuple'|type tuple",
            "Одно из значений здесь — кортеж (tuple), в нём несколько чисел: разберите его на числа или переберите их.",
            "A value is a tuple here, which holds several numbers: take it apart, or go through its numbers.",
        ),
        (
            "TypeError",
            r"expected Tensor as element \d+ .*got (int|float)\b",
            "В списке стоит число, а не тензор: возможно, сумма началась с 0 и ни разу не пополнилась.",
            "A number stands in the list, not a tensor: a sum may have begun with 0 and nothing was ever added to it.",
        ),
        (
            "(TypeError|AttributeError)",
            r"\bbuiltin_function_or_method\b",
            "Это метод без скобок или .values у тензора: .values есть только у того, что дают max и min с осью (dim).",
            "A method without its parentheses, or .values of a tensor: only what max and min with dim give has that.",
        ),
        (
            "TypeError",
            r"torch\.return_types\.",
            "Функция torch вернула пару: значения и их места; возьмите .values или первое из двух.",
            "The function of torch gave a pair, the values and their places: take .values, or the first of the two.",
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
            r"Boolean value of Tensor with more than one value",
            "Тензор из нескольких чисел не бывает ни истиной, ни ложью. Задан ли аргумент, спрашивают так: "
            "`if bias is not None:`; равны ли два тензора, говорит torch.equal.",
            "A tensor of several numbers is neither true nor false. Ask `if bias is not None:` whether an argument was "
            "given, and torch.equal whether two tensors are equal.",
        ),
        (
            "ValueError",
            r"step must be greater than zero",
            "У тензора нет отрицательного шага среза: возьмите flip.",
            "A tensor has no slices with a negative step: use flip.",
        ),
        (
            "RuntimeError",
            r"Kernel size can't be greater than actual input size",
            "Ядро выше или шире картинки: сверьте стороны ядра и картинки, первой всюду идёт высота.",
            "The kernel is higher or wider than the image: compare the sides of both; the height always comes first.",
        ),
        (
            "RuntimeError",
            r"is invalid for input of size",
            "view и reshape не меняют, сколько чисел в тензоре: произведение новых размеров должно быть этим числом.",
            "view and reshape cannot change how many numbers a tensor holds: the product of the new sizes has to be "
            "that number.",
        ),
        (
            "RuntimeError",
            r"(?:must match|shape mismatch).*\(0\)|\(0\).*must match|(?:must match|shape mismatch).*[\[ ]0[,\]]",
            "У тензора здесь ось длины 0: срез взят за его краем или кончается на -0 (вместо -p пишите H - p).",
            "A tensor has an axis of length 0 here: a slice lies beyond the edge, or ends at -0 (write H - p for -p).",
        ),
        (
            "RuntimeError",
            r"must match the (size|existing size)|size of tensor|shape mismatch",
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
OF_DENSE_LAYER = re.compile(r"mat1 and mat2 shapes cannot be multiplied \((\d+)x(\d+) and (\d+)x\d+\)")
WHOLE_BATCH = Text(
    ru="Похоже, в один вектор вытянут весь батч ({0} = {n}·{1}): вытягивайте с оси 1, например x.flatten(1).",
    en="The whole batch seems to be flattened into one vector ({0} = {n}·{1}): flatten from axis 1, for example "
    "x.flatten(1).",
)
OTHER_LENGTH = Text(
    ru="Полносвязный слой получил вектор длины {0}, а ждёт {1}: проверьте, что вытянуто в вектор, и размер входа.",
    en="The dense layer got a vector of {0} numbers, it expects {1}: check the flattening and the size of the input.",
)


def in_place_of(kind: str, text: str, *, of_hidden: bool = False) -> Text | None:
    """The sentence that is told instead of an exception of the drivers; None for all others.

    of_hidden: of a call that has met a hidden test. Then only names of lists that the grader holds stand in it.
    """
    last = text.rpartition("\n")[2]
    for pattern, said, blanks in (
        OF_DRIVERS if kind in ("TypeError", "ValueError", "ReturnedValueError") else ()
    ):
        found = pattern.search(last)
        if found is None:
            continue
        words = [_word(blank, part, of_hidden) for blank, part in zip(blanks, found.groups(), strict=True)]
        if None in words and "shape" in blanks:
            return OTHER_SHAPE
        if None not in words:
            return Text(
                **{
                    lang: said.get(lang).format(*(w.get(lang) for w in words if w is not None))
                    for lang in LANGS
                }
            )
    return OF_KIND.get(kind)


def _word(blank: Blank, part: str, of_hidden: bool) -> Text | None:
    """What stands in a blank; None where it must not be told."""
    if blank == "type" and part == "NoneType":
        return NOTHING
    if of_hidden and blank == "type" and part not in TYPES:
        return OTHER_TYPE
    if of_hidden and (blank == "shape" or (blank == "dtype" and part not in DTYPES)):
        return None
    return Text(ru=part, en=part)


def advice_line(error: StudentError, lang: Lang) -> str:
    """`Advice: ...` on an exception of Python or torch; "" where there is none, or the exception brings its own."""
    advice = beside(error.kind, error.text) if error.advice is None else None
    return "" if advice is None else ADVICE.get(lang).format(text=advice.get(lang))


def beside(kind: str, text: str) -> Text | None:
    """What to do about an exception of Python or torch; None where nothing helps more than its own words."""
    lengths = OF_DENSE_LAYER.search(text) if kind == "RuntimeError" else None
    if lengths is not None:
        return _of_dense_layer(*map(int, lengths.groups()))
    for name, pattern, said in BESIDE:
        if re.fullmatch(name, kind) and pattern.search(text):
            return said
    return None


def _of_dense_layer(num_rows: int, got: int, expected: int) -> Text:
    """Of (num_rows, got) features where a layer takes `expected` of them."""
    is_batch = num_rows == 1 and got > expected and got % expected == 0
    said = WHOLE_BATCH if is_batch else OTHER_LENGTH
    return Text(
        **{
            lang: said.get(lang).format(got, expected, n=got // expected if is_batch else "")
            for lang in LANGS
        }
    )
