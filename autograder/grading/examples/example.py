"""An example beside a failed test: the same test with other numbers, in a worker that has met no hidden test.

So its texts and numbers can be shown: whatever the code has kept of a hidden call, this worker has not seen it.
"""

from __future__ import annotations

import contextlib
import copy
import importlib
import inspect
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from torch import Tensor

from autograder.course.manifest import Manifest
from autograder.grading.examples.precision import first_imprecise, tolerance_of, way_of
from autograder.grading.examples.shrinking import Shrinker
from autograder.grading.verdicts.replays import Answer, answer_of, called_afresh, replay, same
from autograder.grids.grid import Grid
from autograder.grids.parts import Tolerance
from autograder.grids.tensors import answer, arguments, illustrated, pair
from autograder.grids.values import (
    AFTER_CALL,
    CHANGED,
    Named,
    call_in_words,
    cut,
    first_difference,
    shown,
)
from autograder.remote.advice import advice_line, in_place_of
from autograder.remote.failures import StudentError, StudentFailure
from autograder.remote.records import CallRecord, Made
from autograder.remote.student import Student
from autograder.results.grade import Example
from autograder.testing import Difference
from autograder.text import Lang, Text, in_one

NUM_DIGITS = 64
GRADIENT = Text(ru="градиент: {shown}", en="gradient: {shown}")
GRADIENT_OF = Text(ru="градиент по {name}", en="gradient of {name}")
UPSTREAM = Text(ru="градиент по выходу", en="gradient of the output")
RAISES = Text(ru="исключение {kind}", en="an exception, {kind}")
ALREADY_WRONG = Text(
    ru="ошибки здесь ещё нет, но ответ уже неверен", en="no error here yet, but the answer is wrong already"
)
ORDINARY = Text(
    ru="здесь исключения быть не должно, но ответ уже неверен",
    en="no exception is asked for here, but the answer is wrong already",
)
NO_ERROR = Text(ru="исключения нет", en="no exception")
# Of float64 numbers that are told apart from those of float32.
MANY_DIGITS = 12


class References:
    """The reference's functions, by name, and the names by which the student's take their arguments.

    student: workers that have met no hidden test.
    """

    def __init__(self, manifest: Manifest, student: Student | None = None) -> None:
        self._modules = {symbol.name: symbol.module for task in manifest.tasks for symbol in task.tops}
        self._student = student
        self._keywords: dict[str, list[str] | None] = {}
        self._pictures: ModuleType | None = None

    def of_test(self, module: ModuleType | None) -> References:
        """The same for an example of a hidden test in this module, which may say how its calls are drawn."""
        here = copy.copy(self)
        here._pictures = module
        return here

    def drawn(self, record: CallRecord, lang: Lang) -> tuple[str, tuple[Grid, ...]]:
        """A call in words, and what went in as grids: its tensors, or what `illustrate_<name>` of the test makes."""
        call = self.call_in_words(record, lang)
        illustrate = getattr(self._pictures, f"illustrate_{record.name}", None)
        if illustrate is None:
            return call, arguments(self.parameters(record.name), record.args, record.kwargs)
        note, tensors = called_afresh(illustrate, record)
        grids = tuple(illustrated(value, in_one(name, lang)) for name, value in tensors.items())
        return f"{call}  # {in_one(note, lang)}" if note else call, grids

    def of(self, name: str) -> Callable[..., Any] | None:
        """None for a class, and for what is none of the tasks'."""
        if name not in self._modules:
            return None
        found = getattr(importlib.import_module(self._modules[name]), name)
        return None if isinstance(found, type) else found

    def parameters(self, name: str) -> list[str]:
        """Names of a function's parameters; none where there is no such function."""
        function = self.of(name)
        return [] if function is None else list(inspect.signature(function).parameters)

    def call_in_words(self, record: CallRecord, lang: Lang) -> str:
        """A call as it was made: by name stands only what the student's function takes by that name."""
        made = [Named(value.said(lang)) if isinstance(value, Made) else value for value in record.args]
        names = self.parameters(record.name)
        return call_in_words(record.name, names, made, record.kwargs, lang, self._keywords_of(record.name))

    def _keywords_of(self, name: str) -> list[str] | None:
        """Of the student's function; None where that cannot be told."""
        if name not in self._keywords and self._student is not None:
            self._keywords[name] = None
            with contextlib.suppress(StudentFailure):
                self._keywords[name] = self._student.keywords(name)
        return self._keywords.get(name)


def example_of(
    failure: BaseException | None,
    calls: Sequence[CallRecord],
    references: References,
    lang: Lang,
    shrinker: Shrinker | None = None,
    *,
    of_refusal: bool = False,
) -> Example | None:
    """What a repeated test shows: the call that it failed on, another that the reference answers otherwise, else what
    the test compared.

    None where it passed, where it gave no answer in time, and where there is nothing to show. shrinker: looks for the
    smallest call that shows the same. of_refusal: the test is about an exception that is asked for; an example of an
    ordinary call says so.
    """
    if isinstance(failure, Difference) and failure.is_without_gradient:
        without = next((record for record in calls if record.without_gradient is not None), None)
        if without is not None and references.of(without.name) is not None:
            return _without_gradient(references, without, lang, shrinker)
    changed = _changed_input(failure, calls)
    if changed is not None:
        return _of_changed_input(changed, references, lang, shrinker)
    earlier = _already_wrong(failure, calls, references)
    if earlier is not None:
        example = _smallest(earlier, references, lang, shrinker)
        return _noted(example, ALREADY_WRONG.get(lang))
    likeliest = _likeliest_first(failure, calls)
    if of_refusal:
        likeliest.sort(key=lambda record: not isinstance(replay(references.of(record.name), record), str))
    for record in likeliest:
        function = references.of(record.name)
        right = replay(function, record)
        if function is not None and right is not None and not same(right, answer_of(record)):
            example = _smallest(record, references, lang, shrinker)
            is_ordinary = of_refusal and not isinstance(right, str)
            return _noted(example, ORDINARY.get(lang)) if is_ordinary else example
    if isinstance(failure, AssertionError):
        tolerance = tolerance_of(failure)
        imprecise = first_imprecise(calls, references.of, tolerance)
        if imprecise is not None:
            return _of_precision(*imprecise, tolerance, references, lang, shrinker)
    if isinstance(failure, StudentError):
        return None if _is_said_by_the_verdict(failure) else Example(error=words_of_error(failure, lang))
    if isinstance(failure, Difference) and failure.pair is not None:
        got, expected = failure.pair
        where = first_difference(got, expected)
        return Example(
            got=shown(got, lang, where),
            expected=shown(expected, lang, where),
            arrays=pair(got, expected, _title(failure.what, lang), tolerance=failure.tolerance),
        )
    return None


def _title(what: str, lang: Lang) -> str:
    """What was compared, where a hidden test says so to students, in both languages; else ""."""
    return in_one(what, lang) if in_one(what, "ru") != in_one(what, "en") else ""


def _noted(example: Example, note: str) -> Example:
    """With a comment behind the call, which may have one already."""
    sign = "; " if "  # " in example.call else "  # "
    return example.model_copy(update={"call": f"{example.call}{sign}{note}"})


def _of_precision(
    record: CallRecord,
    right: Answer,
    tolerance: Tolerance,
    references: References,
    lang: Lang,
    shrinker: Shrinker | None,
) -> Example:
    """Of the smallest call of float64 numbers that is answered with those of float32."""
    small = None
    if shrinker is not None:
        way = way_of(tolerance)
        small = shrinker.smallest(references.of(record.name), record, right, way, tenths=True)
    if small is not None:
        record, right = small.record, small.right
    call, taken = references.drawn(record, lang)
    expected = right[0]
    return Example(
        call=call,
        got=shown(record.out, lang, digits=MANY_DIGITS),
        expected=shown(expected, lang, digits=MANY_DIGITS),
        arrays=(*taken, *pair(record.out, expected, tolerance=tolerance)),
    )


def _smallest(record: CallRecord, references: References, lang: Lang, shrinker: Shrinker | None) -> Example:
    """Of the smallest call that is answered wrongly as this one is."""
    function = references.of(record.name)
    right = replay(function, record)
    small = None if shrinker is None or right is None else shrinker.smallest(function, record, right)
    if small is not None:
        record, right = small.record, small.right
    return _of_call(references, record, right, lang)


def _already_wrong(
    failure: BaseException | None, calls: Sequence[CallRecord], references: References
) -> CallRecord | None:
    """A call that got a wrong answer before another of the same function got none: the exception comes of that.

    None where the student's code has raised the exception by itself, which then says what is wrong, or may have.
    """
    failed = next((number for number, record in enumerate(calls) if record.failure is failure), None)
    if failed is None or not isinstance(failure, StudentError) or failure.is_stated or not failure.at[1]:
        return None
    for record in calls[:failed]:
        if record.name != calls[failed].name or record.failure is not None:
            continue
        right = replay(references.of(record.name), record)
        if isinstance(right, tuple) and not same(right, answer_of(record)):
            return record
    return None


def _likeliest_first(failure: BaseException | None, calls: Sequence[CallRecord]) -> list[CallRecord]:
    """The calls, those first on which the test failed. Where it only says that a property is missing, the last did."""
    if isinstance(failure, AssertionError) and not isinstance(failure, Difference):
        return list(reversed(calls))
    pair = failure.pair if isinstance(failure, Difference) else None
    failed = [
        record
        for record in calls
        if (failure is not None and record.failure is failure)
        or (pair is not None and any(same((part, None), (pair[0], None)) for part in _tensors_of(record)))
    ]
    return [*failed, *(record for record in calls if not any(record is one for one in failed))]


def _tensors_of(record: CallRecord) -> list[Tensor]:
    return [part for part in (record.out, *(record.grads or ())) if isinstance(part, Tensor)]


def _changed_input(failure: BaseException | None, calls: Sequence[CallRecord]) -> CallRecord | None:
    """The call whose input a test found changed."""
    if not isinstance(failure, Difference) or failure.pair is None:
        return None
    for record in calls:
        position = record.changed_input
        if position is not None and same(
            ((record.inputs_after or ())[position], None), (failure.pair[0], None)
        ):
            return record
    return None


def _of_changed_input(
    record: CallRecord, references: References, lang: Lang, shrinker: Shrinker | None
) -> Example:
    function = references.of(record.name)
    right = replay(function, record)
    names = [] if function is None else list(inspect.signature(function).parameters)
    if function is not None and right is not None and shrinker is not None:
        small = shrinker.smallest(function, record, right, lambda record, _: _way_of_change(record))
        record = record if small is None else small.record
    position = record.changed_input or 0
    name = names[position] if position < len(names) else str(position)
    before, after = record.args[position], (record.inputs_after or ())[position]
    where = first_difference(after, before)
    return Example(
        call=f"{references.call_in_words(record, lang)}  # {CHANGED.get(lang).format(name=name)}",
        got=shown(after, lang, where),
        expected=shown(before, lang, where),
        arrays=pair(after, before, AFTER_CALL.get(lang).format(name=name)),
    )


def _way_of_change(record: CallRecord) -> str:
    position = record.changed_input
    return "" if position is None else f"input {position}"


def words_of_error(error: StudentError, lang: Lang) -> str:
    """What `check` would say of an exception."""
    own = in_place_of(error.kind, error.text)
    if own is not None:
        return own.get(lang)
    advice = advice_line(error, lang)
    return cut(error.said(lang)) + (f"\n{advice}" if advice else "")


def _is_said_by_the_verdict(error: StudentError) -> bool:
    """Whether words would add nothing: of what is not written, of lazy layers."""
    own = in_place_of(error.kind, error.text)
    told = own is not None and own == in_place_of(error.kind, error.text, of_hidden=True)
    return told or error.kind == NotImplementedError.__name__


def failure_on_public_digits(student: Student, *, of_checkpoint: bool) -> StudentFailure | None:
    """How a training, or the use of a checkpoint, fails on a few digits that students have; None if it does not.

    It stands for tests that train or measure: their images are never shown to a worker whose words are.
    """
    from hw_cnn.data.reading.embedded import load_digits

    images, labels = (part[:NUM_DIGITS] for part in load_digits("train"))
    try:
        if of_checkpoint:
            net = student.SeminarCNN()
            student.load_checkpoint(net, student.checkpoint() or {})
        else:
            net = student.fit(0, data=(images, labels.long()))
        student.predict(net, images[:, None].float() / 255)
    except StudentFailure as failure:
        return failure
    return None


def _of_call(references: References, record: CallRecord, right: Any, lang: Lang) -> Example:
    call, taken = references.drawn(record, lang)
    if record.failure is not None:
        said = cut(record.failure.said(lang))
        if isinstance(record.failure, StudentError):
            said = words_of_error(record.failure, lang)
        if isinstance(right, str):
            return Example(call=call, error=said, expected=_raises(right, lang), arrays=taken)
        arrays = (*taken, *answer(right[0], "expected"))
        return Example(call=call, error=said, expected=shown(right[0], lang), arrays=arrays)
    if isinstance(right, str):
        return Example(call=call, got=NO_ERROR.get(lang), expected=_raises(right, lang), arrays=taken)
    if same((right[0], None), (record.out, None)):  # then it is a gradient that differs
        return _of_gradients(references, record, right[1] or (), lang)
    where = first_difference(record.out, right[0])
    return Example(
        call=call,
        got=shown(record.out, lang, where),
        expected=shown(right[0], lang, where),
        arrays=(*taken, *pair(record.out, right[0])),
    )


def _of_gradients(
    references: References, record: CallRecord, right: Sequence[Tensor | None], lang: Lang
) -> Example:
    names = references.parameters(record.name)
    call = references.call_in_words(record, lang)
    taken = arguments(names, record.args, record.kwargs)
    taken += answer(record.options.get("upstream"), "input", UPSTREAM.get(lang))
    for position, got, expected in zip(
        record.options.get("requires_grad", ()), record.grads or (), right, strict=False
    ):
        if same((got, None), (expected, None)):
            continue
        return _of_gradient(references, record, (position, got, expected), lang)
    return Example(call=call, arrays=taken)  # there are more of them, or less


def _of_gradient(
    references: References,
    record: CallRecord,
    differs: tuple[int, Tensor | None, Tensor | None],
    lang: Lang,
) -> Example:
    """differs: position of an argument, its gradient, and the right one."""
    names = references.parameters(record.name)
    position, got, expected = differs
    where = first_difference(got, expected)
    texts = [GRADIENT.get(lang).format(shown=shown(part, lang, where)) for part in (got, expected)]
    name = GRADIENT_OF.get(lang).format(name=names[position] if position < len(names) else position)
    arrays: tuple[Grid, ...] = (
        *arguments(names, record.args, record.kwargs),
        *answer(record.options.get("upstream"), "input", UPSTREAM.get(lang)),
        *pair(got, expected, name),
    )
    return Example(
        call=references.call_in_words(record, lang), got=texts[0], expected=texts[1], arrays=arrays
    )


def _without_gradient(
    references: References, record: CallRecord, lang: Lang, shrinker: Shrinker | None
) -> Example | None:
    """The gradient that does not arrive beside the right one; None where the reference has none either."""
    function = references.of(record.name)
    right = replay(function, record)
    if right is not None and not isinstance(right, str) and shrinker is not None:
        small = shrinker.smallest(function, record, right, _way_of_gradient)
        record, right = (record, right) if small is None else (small.record, small.right)
    if right is None or isinstance(right, str):
        return None
    position = record.without_gradient
    asked = zip(record.options.get("requires_grad", ()), right[1] or (), strict=False)
    expected = next((gradient for place, gradient in asked if place == position), None)
    if position is None or expected is None:
        return None
    return _of_gradient(references, record, (position, None, expected), lang)


def _way_of_gradient(record: CallRecord, right: object) -> str:
    """Beside a right gradient of zeros a missing one would look right."""
    gradients = right[1] if isinstance(right, tuple) else None
    asked = dict(zip(record.options.get("requires_grad", ()), gradients or (), strict=False))
    expected = asked.get(record.without_gradient)
    is_seen = expected is not None and bool(expected.any())
    return f"no gradient {record.without_gradient}{'' if is_seen else ' to be seen'}"


def _raises(kind: str, lang: Lang) -> str:
    return RAISES.get(lang).format(kind=kind)
