"""A call and its values as text: numbers to a few digits, of a large tensor the part that matters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from autograder.text import Lang, Text

# Numbers that are shown one by one; of a larger tensor only a corner is.
MOST_NUMBERS, MOST_ROWS, MOST_COLUMNS = 36, 4, 6
MOST_CHARACTERS = 1500
DIGITS = 4
DTYPES_OF_NUMPY = frozenset(("bool", "int32", "int64", "float32", "float64"))
AFTER_CALL = Text(ru="{name} после вызова", en="{name} after the call")
CHANGED = Text(ru="функция изменила свой вход {name}", en="the function has changed its input {name}")
TENSOR = Text(ru="тензор {shape} {dtype}", en="tensor {shape} {dtype}")
PART = Text(
    ru="часть [{part}] тензора {shape} {dtype}:\n{numbers}", en="part [{part}] of {shape} {dtype}:\n{numbers}"
)


def call_in_words(
    name: str,
    names: Sequence[str],
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    lang: Lang,
    keywords: Sequence[str] | None = None,
) -> str:
    """`conv2d(x, weight, bias=None, stride=2)`: tensors by their names, all else with its value, as one can call it.

    names: of the function's parameters. keywords: names that the positional arguments of the function that is called
    can be given by, `keywords_of` it; those of `names` where they are not known. An argument that has none stands there
    without a name, and so does all before it.
    """
    pairs = list(zip(names, names if keywords is None else keywords, strict=False))
    num_bare = max(
        (at + 1 for at in range(len(args)) if at >= len(pairs) or len({*pairs[at]}) > 1), default=0
    )
    if not kwargs.keys().isdisjoint(names[: len(args)]):
        num_bare = len(args)  # one is given twice, and that is the mistake
    parts: list[str] = []
    follows_a_name = False
    for at, value in enumerate(args):
        argument, is_tensor = names[at] if at < len(names) else "", isinstance(value, Tensor)
        said = argument if argument and is_tensor else shown(value, lang)
        if at >= num_bare and (follows_a_name or not is_tensor):
            said, follows_a_name = f"{argument}={said}", True
        parts.append(said)
    for key, value in kwargs.items():
        parts.append(f"{key}={key if isinstance(value, Tensor) else shown(value, lang)}")
    return f"{name}({', '.join(parts)})"


class Named(str):
    """What is shown as it is, without quotes."""

    __slots__ = ()


def shown(value: Any, lang: Lang, where: tuple[int, ...] | None = None, digits: int = DIGITS) -> str:
    """A value as text. Of a large tensor a part is shown, the one around the index `where`."""
    if isinstance(value, Tensor):
        return _tensor(value.detach(), lang, where, digits)
    if isinstance(value, float):
        return f"{value:.{digits}g}"
    if isinstance(value, dict):
        items = ", ".join(f"{key!r}: {shown(item, lang, digits=digits)}" for key, item in value.items())
        return cut("{" + items + "}")
    if isinstance(value, list | tuple):
        items = ", ".join(shown(item, lang, digits=digits) for item in value)
        if isinstance(value, list):
            return cut(f"[{items}]")
        return cut(f"({items},)" if len(value) == 1 else f"({items})")
    if isinstance(value, np.ndarray) and value.dtype.name in DTYPES_OF_NUMPY:
        return f"numpy.ndarray: {_tensor(torch.from_numpy(np.ascontiguousarray(value)), lang, where, digits)}"
    if isinstance(value, Named):
        return value
    if value is None or isinstance(value, bool | int | str):
        return cut(repr(value))
    return f"<{type(value).__name__}>"


def _tensor(value: Tensor, lang: Lang, where: tuple[int, ...] | None, digits: int) -> str:
    if value.numel() == 0:
        return TENSOR.get(lang).format(shape=tuple(value.shape), dtype=_dtype(value))
    if value.numel() <= MOST_NUMBERS:
        return f"{_numbers(value, digits)} ({_dtype(value)})"
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
        numbers=_numbers(value[outside][tuple(slices)], digits),
    )


def _numbers(value: Tensor, digits: int) -> str:
    """A matrix row by row."""
    if value.ndim == 0:
        number = value.item()
        return f"{number:.{digits}g}" if isinstance(number, float) else str(number)
    if value.ndim == 1:
        return "[" + ", ".join(_numbers(item, digits) for item in value) + "]"
    inner = (",\n " if value.ndim == 2 else ",\n\n ").join(
        _numbers(item, digits).replace("\n", "\n ") for item in value
    )
    return f"[{inner}]"


def first_difference(got: Any, expected: Any) -> tuple[int, ...] | None:
    """The index of the first number that differs, None where that cannot be told."""
    if not (isinstance(got, Tensor) and isinstance(expected, Tensor)) or got.shape != expected.shape:
        return None
    one, other = got.detach().double(), expected.detach().double()
    apart = torch.nonzero(~torch.isclose(one, other, rtol=1e-4, atol=1e-5, equal_nan=True))
    return tuple(int(i) for i in apart[0]) if len(apart) else None


def _dtype(value: Tensor) -> str:
    return str(value.dtype).removeprefix("torch.")


def cut(text: str) -> str:
    """A long text without its middle: a traceback says at its ends where and what."""
    half = MOST_CHARACTERS // 2
    return text if len(text) <= MOST_CHARACTERS else f"{text[:half]} … {text[-half:]}"
