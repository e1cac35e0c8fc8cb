"""The verdict, the kind of difference and the words that are made of an end, and what they leave out."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from autograder.grading.verdicts.ends import end_of, not_comparable, power_of_difference, size_in_words
from autograder.grading.verdicts.limits import Overrun
from autograder.grading.verdicts.places import Places
from autograder.intake.load_plan import Statement
from autograder.remote.failures import StudentCrashed, StudentError, StudentFailure, StudentTimeout
from autograder.results.grade import KindOfDifference
from autograder.testing import SENTENCES, Difference, DifferenceName, assert_close
from autograder.text import Lang, Text
from autograder.wire.reasons import Reason

SECRET = "0.31415926"
CELL = Text(ru="1-я ячейка с кодом", en="code cell 1")
PLACES = Places([Statement("notebook", "def f(x):\n    raise E(x)", "<cell F1>", 5, ("f",), place=CELL)], {})


def of_call(failure: StudentFailure) -> StudentFailure:
    failure.of_call = True
    return failure


@pytest.mark.parametrize(
    ("failure", "lang", "verdict", "words"),
    [
        (None, "en", "passed", ""),
        (AssertionError(SECRET), "en", "failed", ""),
        (StudentTimeout(Reason("late")), "en", "timeout", "Your code did not answer in time: no answer in time"),
        (
            StudentTimeout(Reason("late")), "ru", "timeout",
            "Ваш код не уложился в отведённое время: нет ответа за отведённое время",
        ),
        (
            StudentCrashed(Reason("ended before")), "ru", "crashed",
            "Процесс с вашим кодом завершился: он закончился раньше",
        ),
        (StudentError("mine", "ValueError"), "ru", "error", "Ваш код остановился с ошибкой:\nmine"),
        (StudentError("not written", "NotImplementedError"), "ru", "error", "not written"),
        (KeyError("x"), "en", None, ""),
        (pytest.fail.Exception("x"), "en", None, ""),
    ],
)  # fmt: skip
def test_what_is_said_of_an_end(
    failure: BaseException | None, lang: Lang, verdict: str | None, words: str
) -> None:
    """What failed while a submission was loaded has met no test: its words are shown as they are."""
    end = end_of(failure, lang)
    assert (end.verdict, end.words) == (verdict, words)


def test_another_failure_of_a_students_code_says_itself_what_happened() -> None:
    class Strange(StudentFailure):
        def said(self, lang: Lang) -> str:
            return f"strange in {lang}"

    assert end_of(Strange(), "ru").words == "strange in ru"


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (StudentTimeout(Reason("no answer", {"seconds": 2.0})), "no answer within 2 s"),
        (StudentTimeout(Reason("no answer", {"seconds": 1.31415})), "no answer in time"),
        (StudentCrashed(Reason("exit", {"code": 173})), "the process ended itself (os._exit or sys.exit)"),
        (StudentCrashed(Reason("unreadable", {"problem": SECRET})), "the answer cannot be read"),
    ],
)
def test_of_a_call_a_reason_without_what_the_worker_chose(failure: StudentFailure, words: str) -> None:
    assert end_of(of_call(failure), "en", (2.0, 20.0)).words.endswith(f": {words}")


@pytest.mark.parametrize(
    ("kind", "at", "words", "difference"),
    [
        ("ValueError", ("<cell F1>", 6), "ValueError (code cell 1, line 6)",
         {"error": "ValueError", "place": "code cell 1", "line": 6}),
        ("ValueError", ("<cell F1>", 7), "ValueError", {"error": "ValueError"}),
        ("ValueError", ("<cell G1>", 6), "ValueError", {"error": "ValueError"}),
        ("ValueError", ("", 0), "ValueError", {"error": "ValueError"}),
        (SECRET, ("<cell F1>", 6), "an exception that is none of Python's own (yours, or a library's) "
         "(code cell 1, line 6)", {"place": "code cell 1", "line": 6}),
        ("print", ("", 0), "an exception that is none of Python's own (yours, or a library's)", {}),
    ],
)  # fmt: skip
def test_of_a_call_an_exception_without_its_text(
    kind: str, at: tuple[str, int], words: str, difference: dict[str, object]
) -> None:
    error = of_call(StudentError(f"Traceback...\n{kind}: {SECRET}", kind, name=SECRET, at=at))
    end = end_of(error, "en", (), PLACES)
    assert end.words == f"Your code stopped with an error: {words}"
    assert end.difference == KindOfDifference.model_validate({"kind": "error", **difference})


def test_of_a_call_a_part_that_is_not_written() -> None:
    error = of_call(StudentError(SECRET, "NotImplementedError", at=("hw_cnn/classifier.py", 32)))
    assert end_of(error, "en", (), PLACES).words == (
        "Not written yet, or what is called is not made for such values: NotImplementedError"
    )


def test_of_a_call_whose_gradient_failed_the_place_is_said() -> None:
    error = of_call(StudentError(SECRET, "RuntimeError", at=("<cell F1>", 6), during="backward"))
    assert end_of(error, "en", (), PLACES).words == (
        "Your code ran, the error came while its gradient was computed (backward): RuntimeError (code cell 1, line 6)"
    )


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        ("TypeError", "the network gave a NoneType; a tensor is needed",
         "The network's forward should return a tensor; it returned None (is a return missing?)."),
        ("TypeError", "the network gave a tuple; a tensor is needed",
         "The network's forward should return a tensor; it returned tuple."),
        ("TypeError", f"the network gave a {'x' * 9}; a tensor is needed",
         "The network's forward should return a tensor; it returned an object of another type."),
        ("ValueError", "the result has shape (31, 41), a gradient was asked for shape (2, 2)",
         "The shape of the result is wrong, so no gradient could be sent through it."),
        ("ReturnedValueError", "a tensor has dtype torch.bfloat16, which cannot be compared; return float64",
         "A result of dtype bfloat16 cannot be compared: take the dtype of the input, usually float32 or float64."),
        ("ReturnedValueError", "a tensor has dtype torch.secret, which cannot be compared; return float64",
         "Your code ran, but its result cannot be compared, because of its type, dtype, shape or size."),
        ("ReturnedValueError", "a tensor of shape (31, 41) is too large to be returned",
         "The result is far too large: compare its shape with the task."),
    ],
)  # fmt: skip
def test_of_a_call_what_drivers_say_with_names_of_lists_only(kind: str, text: str, words: str) -> None:
    end = end_of(of_call(StudentError(f"{kind}: {text}", kind)), "en", (), PLACES)
    assert end.words == words
    assert "secret" not in end.words


def test_of_a_call_a_value_that_cannot_be_sent() -> None:
    error = of_call(StudentError(f"a tensor has dtype {SECRET}", "ReturnedValueError", name=SECRET))
    end = end_of(error, "en", (), PLACES)
    assert end.words == (
        "Your code ran, but its result cannot be compared, because of its type, dtype, shape or size."
    )
    assert end.difference == KindOfDifference(kind="error")


def test_of_a_call_a_network_of_lazy_layers() -> None:
    error = of_call(StudentError(SECRET, "LazyLayersError", name=SECRET, at=("<cell F1>", 6)))
    end = end_of(error, "en", (), PLACES)
    assert end.words.startswith("Layers of the network have no weights yet: nn.LazyLinear")
    assert end.words.endswith("(code cell 1, line 6)")
    assert SECRET not in end.words


def test_a_true_reason_and_advice_are_said() -> None:
    cause, advice = Text(ru="нет", en="code cell 2: absent"), Text(ru="сделайте", en="do this")
    error = of_call(StudentError(SECRET, "NameError").because(cause, advice))
    assert end_of(error, "en").words == (
        "Your code stopped with an error: NameError\ncode cell 2: absent\ndo this"
    )


def difference_of(actual: object, expected: Tensor) -> Difference:
    with pytest.raises(Difference) as caught:
        assert_close(actual, expected, what=SECRET)
    return caught.value


@pytest.mark.parametrize(
    ("actual", "words", "difference"),
    [
        ("text", "Got a value of type str where a tensor was expected.", {"kind": "type", "found": "str"}),
        ([1.0], "Got a value of type list where a tensor was expected. Return a tensor and stay within torch: numbers "
         "outside of it have no gradient.", {"kind": "type", "found": "list"}),
        (PLACES, "Got an object of another type where a tensor was expected.", {"kind": "type", "found": ""}),
        (None, "Got None where a tensor was expected: is a return missing?",
         {"kind": "type", "found": "NoneType"}),
        (torch.zeros(2, dtype=torch.int8), "The dtype is int8, it should be float64.",
         {"kind": "dtype", "found": "int8", "wanted": "float64"}),
        (torch.zeros(31, 41, dtype=torch.float64), "The shape is wrong.", {"kind": "shape"}),
        (torch.tensor([math.nan, 0]).double(), "Some of the numbers are NaN or infinite.", {"kind": "not finite"}),
        (torch.tensor([1, 0.031415926]).double(),
         "The values are wrong: the largest difference is between 0.01 and 0.1.", {"kind": "values", "power": -2}),
    ],
)  # fmt: skip
def test_a_difference_is_a_kind_and_a_power_of_ten(
    actual: object, words: str, difference: dict[str, object]
) -> None:
    expected = torch.tensor([1.0, 0.0], dtype=torch.float64)
    end = end_of(difference_of(actual, expected), "en")
    assert (end.verdict, end.words) == ("failed", words)
    assert end.difference == KindOfDifference.model_validate(difference)
    russian = end_of(difference_of(actual, expected), "ru").words
    assert any("а" <= char <= "я" for char in russian)


@pytest.mark.parametrize("name", SENTENCES)
@pytest.mark.parametrize("lang", ["ru", "en"])
def test_whatever_a_comparison_finds_can_be_said(name: DifferenceName, lang: Lang) -> None:
    end = end_of(Difference(name, SECRET, found=SECRET, wanted=SECRET), lang)
    assert end.verdict == "failed"
    assert end.difference is not None
    assert end.difference.kind == name
    assert SECRET not in end.words


@pytest.mark.parametrize(
    ("size", "power"), [(1.0, 0), (0.999, -1), (12.0, 1), (1e-30, -9), (1e30, 9), (2.0**1000, 9), (9e-9, -9)]
)
def test_a_size_has_no_digits_and_two_ends(size: float, power: int) -> None:
    one = torch.zeros(3, dtype=torch.float64)
    assert power_of_difference(one + torch.tensor([0, -size, size / 2]), one) == power
    assert power_of_difference(torch.tensor([True, False]), torch.tensor([True, True])) == 0


@pytest.mark.parametrize(
    ("power", "russian", "english"),
    [
        (0, "от 1 до 10", "between 1 and 10"),
        (-1, "от 0,1 до 1", "between 0.1 and 1"),
        (2, "от 100 до 1000", "between 100 and 1000"),
        (-6, "от 10⁻⁶ до 10⁻⁵", "between 10⁻⁶ and 10⁻⁵"),
        (-9, "не больше 10⁻⁸", "at most 10⁻⁸"),
        (-5, "от 10⁻⁵ до 10⁻⁴", "between 10⁻⁵ and 10⁻⁴"),
        (-4, "от 0,0001 до 0,001", "between 0.0001 and 0.001"),
        (5, "от 10⁵ до 10⁶", "between 10⁵ and 10⁶"),
        (9, "не меньше 10⁹", "at least 10⁹"),
    ],
)
def test_a_power_of_ten_is_said_by_its_two_bounds(power: int, russian: str, english: str) -> None:
    assert (size_in_words(power, "ru"), size_in_words(power, "en")) == (russian, english)


def test_a_gradient_that_does_not_arrive_is_no_missing_return() -> None:
    end = end_of(Difference("type", "gradient of max", found="NoneType"), "en")
    assert end.difference == KindOfDifference(kind="no gradient")
    assert end.words.startswith("No gradient arrives: the result is cut off from the graph.")
    assert "return" not in end.words


@pytest.mark.parametrize(
    ("failure", "part"),
    [
        (MemoryError(SECRET), "more memory"),
        (RuntimeError(f"DefaultCPUAllocator: can't allocate memory: {SECRET}"), "more memory"),
        (Overrun(), "too long"),
        (ValueError(SECRET), "its type, dtype or shape"),
    ],
)
def test_a_value_that_cannot_be_compared_is_not_quoted(failure: BaseException, part: str) -> None:
    end = not_comparable(failure, "en")
    assert (end.verdict, end.difference) == ("failed", KindOfDifference(kind="not comparable"))
    assert part in end.words
    assert SECRET not in end.words
    assert "нельзя сравнить" in not_comparable(failure, "ru").words
