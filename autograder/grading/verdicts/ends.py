"""What is made of the end of a hidden test: the verdict, the kind of difference, the words that a student may read.

What comes back of a hidden call is a channel: a text, a type's name, an exit code or a time can carry out what was
sent. So nothing of it is passed on but what the judge itself holds a list of: built-in types, torch's dtypes, lines of
the source that was handed in, powers of ten.
"""

from __future__ import annotations

import builtins
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from autograder.grading.verdicts.limits import Overrun
from autograder.grading.verdicts.places import Places
from autograder.remote.advice import TYPES, in_place_of
from autograder.remote.failures import StudentCrashed, StudentError, StudentFailure, StudentTimeout
from autograder.remote.records import DTYPES
from autograder.results.grade import Example, KindOfDifference
from autograder.testing import NUMBERS_OUTSIDE_TORCH, Difference
from autograder.text import Lang, Text, number, power_of_ten

Verdict = Literal["passed", "failed", "error", "timeout", "crashed"]

STOPPED = Text(ru="Ваш код остановился с ошибкой:", en="Your code stopped with an error:")
STOPPED_IN_BACKWARD = Text(
    ru="Ваш код отработал, ошибка возникла при вычислении градиента (backward):",
    en="Your code ran, the error came while its gradient was computed (backward):",
)
NOT_WRITTEN = Text(
    ru="Ещё не написано, или вызванное не умеет работать с такими значениями: NotImplementedError",
    en="Not written yet, or what is called is not made for such values: NotImplementedError",
)
TIMED_OUT = Text(ru="Ваш код не уложился в отведённое время", en="Your code did not answer in time")
CRASHED = Text(ru="Процесс с вашим кодом завершился", en="The process that ran your code ended")
NOT_COMPARABLE = Text(
    ru="Ваш результат нельзя сравнить с верным:", en="Your result cannot be compared with the right one:"
)
OTHER_ERROR = Text(
    ru="исключение, которого нет в самом Python (своё или библиотеки)",
    en="an exception that is none of Python's own (yours, or a library's)",
)
LINE = Text(ru="{place}, строка {line}", en="{place}, line {line}")
WHY_NOT: Mapping[str, Text] = {
    "memory": Text(
        ru="для сравнения не хватает памяти; обычно оттого, что форма неверна или слишком велика",
        en="that would take more memory than there is, mostly because its shape is wrong or far too large",
    ),
    "time": Text(
        ru="сравнение не заканчивается; обычно ответ слишком велик",
        en="that takes too long; mostly the answer is far too large",
    ),
    "kind": Text(
        ru="тип значения, тип чисел или форма не такие, как требует задание",
        en="its type, dtype or shape is not what the task asks for",
    ),
}
DIFFERS: Mapping[str, Text] = {
    "type": Text(
        ru="Вместо тензора получено значение типа {found}.",
        en="Got a value of type {found} where a tensor was expected.",
    ),
    "dtype": Text(ru="Тип чисел {found}, нужен {wanted}.", en="The dtype is {found}, it should be {wanted}."),
    "type outside torch": Text(
        ru="Вместо тензора получено значение типа {found}. Верните тензор и не выходите за пределы torch: у чисел вне "
        "torch нет градиента.",
        en="Got a value of type {found} where a tensor was expected. Return a tensor and stay within torch: numbers "
        "outside of it have no gradient.",
    ),
    "number": Text(
        ru="Вместо числа получено значение типа {found}.",
        en="Got a value of type {found} where a number was expected.",
    ),
    "answer": Text(
        ru="Вместо True или False получено значение типа {found}.",
        en="Got a value of type {found} where True or False was expected.",
    ),
    "shape": Text(ru="Форма неверна.", en="The shape is wrong."),
    "not finite": Text(
        ru="Среди чисел есть NaN или бесконечность.", en="Some of the numbers are NaN or infinite."
    ),
    "values": Text(
        ru="Значения неверны: наибольшая разница {size}.",
        en="The values are wrong: the largest difference is {size}.",
    ),
    "no gradient": Text(
        ru="Градиент не доходит: результат отрезан от графа вычислений. Так бывает после detach, no_grad, item, "
        "tolist, numpy и там, где новый тензор собран из готовых чисел.",
        en="No gradient arrives: the result is cut off from the graph. This happens after detach, no_grad, item, "
        "tolist, numpy, or where a new tensor is built from plain numbers.",
    ),
    "width": Text(
        ru="Аргумент width не использован: узкая сеть так же велика, как полная.",
        en="The argument width is not used: the narrow network is no narrower than the full one.",
    ),
}
CUT_OFF = Text(
    ru="Градиент по {found} не доходит, а по другим аргументам доходит: {found} в вычислении не участвует или отрезан "
    "от него (detach, item, numpy).",
    en="No gradient reaches {found}, other arguments get one: {found} takes no part in the computation, or is cut off "
    "from it (detach, item, numpy).",
)
NOTHING: Mapping[str, Text] = {
    "type": Text(
        ru="Вместо тензора получено None: не забыт ли return?",
        en="Got None where a tensor was expected: is a return missing?",
    ),
    "number": Text(
        ru="Вместо числа получено None: не забыт ли return?",
        en="Got None where a number was expected: is a return missing?",
    ),
    "answer": Text(
        ru="Вместо True или False получено None: не забыт ли return?",
        en="Got None where True or False was expected: is a return missing?",
    ),
}
OTHER_TYPE: Mapping[str, Text] = {
    "type": Text(
        ru="Вместо тензора получен объект другого типа.",
        en="Got an object of another type where a tensor was expected.",
    ),
    "number": Text(
        ru="Вместо числа получен объект другого типа.",
        en="Got an object of another type where a number was expected.",
    ),
    "answer": Text(
        ru="Вместо True или False получен объект другого типа.",
        en="Got an object of another type where True or False was expected.",
    ),
}
BETWEEN = Text(ru="от {low} до {high}", en="between {low} and {high}")
AT_MOST, AT_LEAST = (
    Text(ru="не больше {high}", en="at most {high}"),
    Text(ru="не меньше {low}", en="at least {low}"),
)
# As torch says it, in a RuntimeError.
NO_MEMORY = "can't allocate memory"
EXCEPTIONS = {
    name
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, BaseException)
}
NAMES_OF_DTYPES = {str(dtype) for dtype in DTYPES.values()}
# Beyond these a difference is "at least" or "at most" that large.
LEAST_POWER, LARGEST_POWER = -9, 9
# From 0.0001 to 100000 both ends of a range are plain numbers.
PLAIN_POWERS = -4, 5


@dataclass(frozen=True)
class End:
    """verdict: None where the test itself is to blame. words: what a student may read."""

    verdict: Verdict | None
    words: str = ""
    difference: KindOfDifference | None = None


def end_of(
    failure: BaseException | None, lang: Lang, limits: Collection[float] = (), places: Places | None = None
) -> End:
    """The end of a test as verdict and words.

    limits: seconds that stand in the manifest and may be named. places: the lines that were handed in.
    """
    match failure:
        case None:
            return End("passed")
        case StudentTimeout():
            reason = failure.reason.without_claims(limits) if failure.of_call else failure.reason
            return End(
                "timeout", f"{TIMED_OUT.get(lang)}: {reason.said(lang)}", KindOfDifference(kind="timeout")
            )
        case StudentCrashed():
            reason = failure.reason.without_claims(limits) if failure.of_call else failure.reason
            return End(
                "crashed", f"{CRASHED.get(lang)}: {reason.said(lang)}", KindOfDifference(kind="crashed")
            )
        case StudentError(of_call=True):
            return _raised(failure, lang, places)
        case StudentError(kind="NotImplementedError"):
            return End("error", failure.said(lang))
        case StudentError():
            return End("error", f"{STOPPED.get(lang)}\n{failure.said(lang)}")
        case StudentFailure():
            return End("error", failure.said(lang))
        case Difference():
            difference = _difference(failure, lang)
            return End("failed", words_of(difference, lang), difference)
        case AssertionError():
            return End("failed", "", KindOfDifference(kind="property"))
    return End(None)


def not_comparable(failure: BaseException, lang: Lang) -> End:
    """Of a test that only this student's value has led to another end than the two that there are."""
    why = "kind"
    if isinstance(failure, Overrun):
        why = "time"
    elif isinstance(failure, MemoryError) or NO_MEMORY in str(failure):
        why = "memory"
    words = f"{NOT_COMPARABLE.get(lang)} {WHY_NOT[why].get(lang)}"
    return End("failed", words, KindOfDifference(kind="not comparable"))


def _raised(error: StudentError, lang: Lang, places: Places | None) -> End:
    place = places.named(*error.at) if places is not None else None
    known = error.kind in EXCEPTIONS
    difference = KindOfDifference(
        kind="error",
        error=error.kind if known else "",
        place=place.get(lang) if place is not None else "",
        line=error.at[1] if place is not None else None,
    )
    what = error.kind if known else OTHER_ERROR.get(lang)
    words = f"{(STOPPED_IN_BACKWARD if error.during else STOPPED).get(lang)} {what}"
    if error.kind == NotImplementedError.__name__:
        words = NOT_WRITTEN.get(lang)
    own = in_place_of(error.kind, error.text, of_hidden=True)
    if own is not None:
        words = own.get(lang)
    if place is not None:
        words += f" ({LINE.get(lang).format(place=place.get(lang), line=error.at[1])})"
    # A true reason is made of names in the source and of what was seen while loading, advice of our own sentences.
    more = [text.get(lang) for text in (error.cause, error.advice) if text is not None]
    return End("error", "\n".join([words, *more]), difference)


def _difference(found: Difference, lang: Lang) -> KindOfDifference:
    if found.is_without_gradient:
        return KindOfDifference(kind="no gradient", found=found.cut_off)
    if found.name in ("type", "number", "answer"):
        name = str(found.found)
        return KindOfDifference(kind=found.name, found=name if name in TYPES else "")
    if found.name == "dtype":
        names = [str(name) for name in (found.found, found.wanted)]
        known = [name.removeprefix("torch.") if name in NAMES_OF_DTYPES else "" for name in names]
        return KindOfDifference(kind="dtype", found=known[0], wanted=known[1])
    if found.name == "values" and found.pair is not None:
        return KindOfDifference(kind="values", power=power_of_difference(*found.pair))
    return KindOfDifference(kind=found.name)


def dtype_in(example: Example | None, lang: Lang) -> str:
    """What an example shows of a wrong dtype, in one sentence; "" where shapes or anything else differ, too.

    For tests that only say which property is missing. Nothing of a hidden call is in an example.
    """
    sides = (
        {grid.role: grid for grid in example.arrays if grid.role != "input"} if example is not None else {}
    )
    got, expected = sides.get("got"), sides.get("expected")
    if got is None or expected is None or got.shape != expected.shape or got.dtype == expected.dtype:
        return ""
    if not {f"torch.{got.dtype}", f"torch.{expected.dtype}"} <= NAMES_OF_DTYPES:
        return ""
    return DIFFERS["dtype"].get(lang).format(found=got.dtype, wanted=expected.dtype)


def power_of_difference(one: Tensor, other: Tensor) -> int:
    """The whole power of ten below the largest difference, from `LEAST_POWER` to `LARGEST_POWER`."""
    largest = (one.double() - other.double()).abs().max().clamp(10.0**LEAST_POWER, 10.0**LARGEST_POWER)
    return int(torch.log10(largest).floor())


def words_of(difference: KindOfDifference, lang: Lang) -> str:
    """A difference in values as a sentence; "" for one that says nothing."""
    if difference.kind not in DIFFERS or (difference.kind == "values" and difference.power is None):
        return ""
    text = DIFFERS[difference.kind]
    if difference.kind == "type" and difference.found in NUMBERS_OUTSIDE_TORCH:
        text = DIFFERS["type outside torch"]
    if difference.kind in OTHER_TYPE and difference.found in ("", "NoneType"):
        text = (NOTHING if difference.found else OTHER_TYPE)[difference.kind]
    if difference.kind == "no gradient" and difference.found:
        text = CUT_OFF
    size = "" if difference.power is None else size_in_words(difference.power, lang)
    return text.get(lang).format(found=difference.found, wanted=difference.wanted, size=size)


def size_in_words(power: int, lang: Lang) -> str:
    """`between 0.1 and 1`: what lies behind a power of ten, which is rounded downwards."""
    is_plain = PLAIN_POWERS[0] <= power < PLAIN_POWERS[1]
    low, high = (
        number(10.0**exponent, lang) if is_plain else power_of_ten(exponent)
        for exponent in (power, power + 1)
    )
    text = AT_MOST if power <= LEAST_POWER else AT_LEAST if power >= LARGEST_POWER else BETWEEN
    return text.get(lang).format(low=low, high=high)
