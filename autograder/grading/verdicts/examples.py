"""An example beside a failed test: the same test with other numbers, in a worker that has met no hidden test.

So its texts and numbers can be shown: whatever the code has kept of a hidden call, this worker has not seen it.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from autograder.course.manifest import Manifest
from autograder.grading.verdicts.replays import answer_of, replay, same
from autograder.grading.verdicts.shrinking import Shrinker
from autograder.grids.grid import Grid
from autograder.grids.tensors import answer, arguments, pair
from autograder.remote.failures import StudentError, StudentFailure
from autograder.remote.records import CallRecord, Made
from autograder.remote.student import Student
from autograder.results.grade import Example
from autograder.testing import Difference
from autograder.text import Lang, Text

# Numbers that are shown one by one; of a larger tensor only a corner is.
MOST_NUMBERS, MOST_ROWS, MOST_COLUMNS = 36, 4, 6
MOST_CHARACTERS = 1500
NUM_DIGITS = 64
TENSOR = Text(ru="тензор {shape} {dtype}", en="tensor {shape} {dtype}")
PART = Text(
    ru="часть [{part}] тензора {shape} {dtype}:\n{numbers}", en="part [{part}] of {shape} {dtype}:\n{numbers}"
)
GRADIENT = Text(ru="градиент: {shown}", en="gradient: {shown}")
GRADIENT_OF = Text(ru="градиент по {name}", en="gradient of {name}")
UPSTREAM = Text(ru="градиент по выходу", en="gradient of the output")
RAISES = Text(ru="исключение {kind}", en="an exception, {kind}")
NO_ERROR = Text(ru="исключения нет", en="no exception")


class References:
    """The reference's functions, by name."""

    def __init__(self, manifest: Manifest) -> None:
        self._modules = {symbol.name: symbol.module for task in manifest.tasks for symbol in task.tops}

    def of(self, name: str) -> Callable[..., Any] | None:
        """None for a class, and for what is none of the tasks'."""
        if name not in self._modules:
            return None
        found = getattr(importlib.import_module(self._modules[name]), name)
        return None if isinstance(found, type) else found


def example_of(
    failure: BaseException | None,
    calls: Sequence[CallRecord],
    references: References,
    lang: Lang,
    shrinker: Shrinker | None = None,
) -> Example | None:
    """What a repeated test shows: the first call that the reference answers otherwise, else what the test compared.

    None where it passed, where it gave no answer in time, and where there is nothing to show. shrinker: looks for the
    smallest call that shows the same.
    """
    for record in calls:
        function = references.of(record.name)
        right = replay(function, record)
        if function is not None and right is not None and not same(right, answer_of(record)):
            small = None if shrinker is None else shrinker.smallest(function, record, right)
            if small is not None:
                record, right = small.record, small.right
            return _of_call(function, record, right, lang)
    if isinstance(failure, StudentError):
        return Example(error=_cut(failure.said(lang)))
    if isinstance(failure, Difference) and failure.pair is not None:
        got, expected = failure.pair
        where = _first_difference(got, expected)
        return Example(
            got=shown(got, lang, where), expected=shown(expected, lang, where), arrays=pair(got, expected)
        )
    return None


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


def _of_call(function: Callable[..., Any], record: CallRecord, right: Any, lang: Lang) -> Example:
    names = list(inspect.signature(function).parameters)
    call, taken = _call_in_words(names, record, lang), arguments(names, record.args, record.kwargs)
    if record.failure is not None:
        said = _cut(record.failure.said(lang))
        if isinstance(right, str):
            return Example(call=call, error=said, expected=_raises(right, lang), arrays=taken)
        arrays = (*taken, *answer(right[0], "expected"))
        return Example(call=call, error=said, expected=shown(right[0], lang), arrays=arrays)
    if isinstance(right, str):
        return Example(call=call, got=NO_ERROR.get(lang), expected=_raises(right, lang), arrays=taken)
    if same((right[0], None), (record.out, None)):  # then it is a gradient that differs
        return _of_gradients(names, record, right[1] or (), lang)
    where = _first_difference(record.out, right[0])
    return Example(
        call=call,
        got=shown(record.out, lang, where),
        expected=shown(right[0], lang, where),
        arrays=(*taken, *pair(record.out, right[0])),
    )


def _of_gradients(
    names: Sequence[str], record: CallRecord, right: Sequence[Tensor | None], lang: Lang
) -> Example:
    call = _call_in_words(names, record, lang)
    taken = arguments(names, record.args, record.kwargs)
    taken += answer(record.options.get("upstream"), "input", UPSTREAM.get(lang))
    for position, got, expected in zip(
        record.options.get("requires_grad", ()), record.grads or (), right, strict=False
    ):
        if same((got, None), (expected, None)):
            continue
        where = _first_difference(got, expected)
        texts = [GRADIENT.get(lang).format(shown=shown(part, lang, where)) for part in (got, expected)]
        name = GRADIENT_OF.get(lang).format(name=names[position] if position < len(names) else position)
        arrays: tuple[Grid, ...] = (*taken, *pair(got, expected, name))
        return Example(call=call, got=texts[0], expected=texts[1], arrays=arrays)
    return Example(call=call, arrays=taken)  # there are more of them, or less


def _raises(kind: str, lang: Lang) -> str:
    return RAISES.get(lang).format(kind=kind)


def _call_in_words(names: Sequence[str], record: CallRecord, lang: Lang) -> str:
    """`conv2d(x, weight, bias=None, stride=2)`: tensors by their names, all else with its value."""
    named = [
        (names[position] if position < len(names) else "", value)
        for position, value in enumerate(record.args)
    ]
    parts = []
    for name, value in (*named, *record.kwargs.items()):
        if isinstance(value, Tensor) and name:
            parts.append(name)
            continue
        said = value.driver if isinstance(value, Made) else shown(value, lang)
        parts.append(f"{name}={said}" if name else said)
    return f"{record.name}({', '.join(parts)})"


def shown(value: Any, lang: Lang, where: tuple[int, ...] | None = None) -> str:
    """A value as text. Of a large tensor a part is shown, the one around the index `where`."""
    if isinstance(value, Tensor):
        return _tensor(value.detach(), lang, where)
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, dict):
        return _cut("{" + ", ".join(f"{key!r}: {shown(item, lang)}" for key, item in value.items()) + "}")
    if isinstance(value, list | tuple):
        items = ", ".join(shown(item, lang) for item in value)
        return _cut(f"({items},)" if len(value) == 1 else f"({items})")
    if value is None or isinstance(value, bool | int | str):
        return _cut(repr(value))
    return f"<{type(value).__name__}>"


def _tensor(value: Tensor, lang: Lang, where: tuple[int, ...] | None) -> str:
    if value.numel() == 0:
        return TENSOR.get(lang).format(shape=tuple(value.shape), dtype=_dtype(value))
    if value.numel() <= MOST_NUMBERS:
        return f"{_numbers(value)} ({_dtype(value)})"
    at = where if where is not None and len(where) == value.ndim else (0,) * value.ndim
    sizes = (MOST_ROWS, MOST_COLUMNS)[-value.ndim :]
    inside, outside = at[-len(sizes) :], at[: -len(sizes)]
    starts = [
        max(0, min(i - size // 2, n - size))
        for i, size, n in zip(inside, sizes, value.shape[-2:], strict=True)
    ]
    slices = [slice(start, start + size) for start, size in zip(starts, sizes, strict=True)]
    ends = [min(piece.stop, n) for piece, n in zip(slices, value.shape[-2:], strict=True)]
    part = [*map(str, outside), *(f"{piece.start}:{end}" for piece, end in zip(slices, ends, strict=True))]
    return PART.get(lang).format(
        part=", ".join(part),
        shape=tuple(value.shape),
        dtype=_dtype(value),
        numbers=_numbers(value[outside][tuple(slices)]),
    )


def _numbers(value: Tensor) -> str:
    """Four digits; a matrix row by row."""
    if value.ndim == 0:
        number = value.item()
        return f"{number:.4g}" if isinstance(number, float) else str(number)
    if value.ndim == 1:
        return "[" + ", ".join(_numbers(item) for item in value) + "]"
    inner = (",\n " if value.ndim == 2 else ",\n\n ").join(
        _numbers(item).replace("\n", "\n ") for item in value
    )
    return f"[{inner}]"


def _first_difference(got: Any, expected: Any) -> tuple[int, ...] | None:
    """The index of the first number that differs, None where that cannot be told."""
    if not (isinstance(got, Tensor) and isinstance(expected, Tensor)) or got.shape != expected.shape:
        return None
    one, other = got.detach().double(), expected.detach().double()
    apart = torch.nonzero(~torch.isclose(one, other, rtol=1e-4, atol=1e-5, equal_nan=True))
    return tuple(int(i) for i in apart[0]) if len(apart) else None


def _dtype(value: Tensor) -> str:
    return str(value.dtype).removeprefix("torch.")


def _cut(text: str) -> str:
    """A long text without its middle: a traceback says at its ends where and what."""
    half = MOST_CHARACTERS // 2
    return text if len(text) <= MOST_CHARACTERS else f"{text[:half]} … {text[-half:]}"
