"""What a failed public test saw: the call, what went in, what was got and what was expected, as small grids."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

import torch
from torch import Tensor

from autograder.course.symbol import Symbol
from autograder.grids.grid import Grid
from autograder.grids.html import STYLE, as_html, call_as_html
from autograder.grids.plain import as_lines
from autograder.grids.tensors import answer, arguments, pair
from autograder.grids.values import AFTER_CALL, CHANGED, Named, call_in_words
from autograder.remote.failures import StudentError
from autograder.remote.records import CallRecord, Made
from autograder.testing import Difference, Illustrated
from autograder.text import Lang, Text, in_one
from autograder.wire.signatures import keywords_of, names_of

GRADIENT_OF = Text(ru="градиент по {name}", en="gradient of {name}")
UPSTREAM = Text(ru="градиент по выходу", en="gradient of the output")


@dataclass(frozen=True)
class SeenValues:
    """call: in words, "" where it is not known. grids: inputs, got, expected. note: a sentence about the call."""

    call: str = ""
    grids: tuple[Grid, ...] = ()
    note: str = ""

    def lines(self, lang: Lang) -> list[str]:
        """For a terminal."""
        return [
            *([self.call] if self.call else []),
            *([self.note] if self.note else []),
            *as_lines(self.grids, lang),
        ]

    def html(self, lang: Lang) -> str:
        """For a notebook: a piece of a page with its own style; "" where there is nothing to show."""
        if not self.call and not self.grids and not self.note:
            return ""
        note = f"<div>{escape(self.note)}</div>" if self.note else ""
        return f"<style>{STYLE}</style>{call_as_html(self.call)}{note}{as_html(self.grids, lang)}"


NOTHING_SEEN = SeenValues()


def seen_values(
    error: BaseException, calls: Sequence[CallRecord], symbols: Iterable[Symbol], lang: Lang
) -> SeenValues:
    """What there is to show of a failure. calls: of the test, in their order. symbols: of all tasks."""
    if isinstance(error, StudentError):
        failed = calls[-1] if calls and calls[-1].failure is error else None
        is_written = error.kind != NotImplementedError.__name__
        return NOTHING_SEEN if failed is None or not is_written else _inputs(failed, symbols, lang)
    if isinstance(error, Difference):
        return _compared(error, calls, symbols, lang)
    if isinstance(error, Illustrated):
        given = [answer(value, "input", in_one(name, lang)) for name, value in error.given.items()]
        return SeenValues(grids=(*(grid for grids in given for grid in grids), *pair(*error.pair)))
    if isinstance(error, AssertionError) and calls and calls[-1].failure is None:
        inputs = _inputs(calls[-1], symbols, lang)
        got = () if _is_said(calls[-1].out, str(error)) else answer(calls[-1].out, "got")
        return SeenValues(inputs.call, (*inputs.grids, *got))
    return NOTHING_SEEN


def _is_said(value: object, sentence: str) -> bool:
    """Whether a sentence names a number already; beside it stands what was expected, and that is in no grid."""
    if isinstance(value, Tensor) and value.numel() == 1 and value.ndim == 0:
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    forms = "|".join(re.escape(form) for form in {f"{value:g}", str(value)})
    return re.search(rf"(?<![\w.,-])(?:{forms})(?!\w|[.,]\d)", sentence) is not None


def _compared(
    error: Difference, calls: Sequence[CallRecord], symbols: Iterable[Symbol], lang: Lang
) -> SeenValues:
    if error.pair is None:
        return NOTHING_SEEN
    got, expected = error.pair
    for record in reversed(calls):
        names = parameter_names(record.name, symbols)
        # Of a function that gives several tensors a test compares one at a time.
        parts = record.out if isinstance(record.out, tuple | list) else (record.out,)
        if any(_is_same(part, got) for part in parts):
            inputs = _inputs(record, symbols, lang)
            grids = pair(got, expected, tolerance=error.tolerance)
            return SeenValues(inputs.call, (*inputs.grids, *grids))
        for position, gradient in zip(
            record.options.get("requires_grad", ()), record.grads or (), strict=False
        ):
            if _is_same(gradient, got):
                inputs = _inputs(record, symbols, lang)
                upstream = answer(record.options.get("upstream"), "input", UPSTREAM.get(lang))
                name = GRADIENT_OF.get(lang).format(
                    name=names[position] if position < len(names) else position
                )
                grids = pair(got, expected, name, tolerance=error.tolerance)
                return SeenValues(inputs.call, (*inputs.grids, *upstream, *grids))
        position = record.changed_input
        if position is not None and record.inputs_after and _is_same(record.inputs_after[position], got):
            name = names[position] if position < len(names) else str(position)
            call = f"{_inputs(record, symbols, lang).call}  # {CHANGED.get(lang).format(name=name)}"
            return SeenValues(call, pair(got, expected, AFTER_CALL.get(lang).format(name=name)))
    return SeenValues(grids=pair(got, expected, tolerance=error.tolerance))


def _is_same(one: object, other: Tensor) -> bool:
    if not isinstance(one, Tensor) or one.shape != other.shape:
        return False
    return bool(torch.allclose(one.detach().to(other.dtype), other, rtol=0, atol=0, equal_nan=True))


def _inputs(record: CallRecord, symbols: Iterable[Symbol], lang: Lang) -> SeenValues:
    names = parameter_names(record.name, symbols)
    signature = _signature(record.name, symbols)
    made = [Named(value.said(lang)) if isinstance(value, Made) else value for value in record.args]
    keywords = None if signature is None else keywords_of(signature)
    call = call_in_words(record.name, names, made, record.kwargs, lang, keywords)
    return SeenValues(call, arguments(names, record.args, record.kwargs))


def parameter_names(name: str, symbols: Iterable[Symbol]) -> list[str]:
    """What the function that stands under this name now calls its positional arguments; none where that cannot be
    told."""
    signature = _signature(name, symbols)
    return [] if signature is None else names_of(signature)


def _signature(name: str, symbols: Iterable[Symbol]) -> inspect.Signature | None:
    module = next((symbol.module for symbol in symbols if symbol.name == name), None)
    if module is None:
        return None
    try:
        return inspect.signature(getattr(importlib.import_module(module), name))
    except (AttributeError, TypeError, ValueError):
        return None
