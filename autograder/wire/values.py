"""Values of Python as JSON and back: what a message holds beside the arrays that lie in its frame."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from autograder.wire.errors import ProtocolError
from autograder.wire.safe_text import MAX_TEXT

MAX_DEPTH = 4
MAX_ITEMS = 20_000
MAX_KEYS = 1000
MAX_INT = 1 << 1000

Leaf = Callable[[object], Any]


def encode_tree(value: object, leaf: Leaf) -> Any:
    """Turn a value into JSON. Tuples, lists and dicts are tagged lists; `leaf(x)` encodes everything that is no
    plain number, string or None: an array reference `["tensor", name]` or a handle `["handle", id, type]`.

    A container that is nested too deeply, too long, or a subclass goes to `leaf` whole.
    """
    return _encode(value, leaf, MAX_DEPTH, [MAX_ITEMS])


def _encode(value: object, leaf: Leaf, depth: int, left: list[int]) -> Any:
    kind = type(value)
    if value is None or kind is bool or (kind is str and len(value) <= MAX_TEXT):  # type: ignore[arg-type]  # `kind` has told the type
        return value
    if kind is int and -MAX_INT < value < MAX_INT:  # type: ignore[operator]  # `kind` has told the type
        return value
    if kind is float:
        return value if math.isfinite(value) else ["float", repr(value)]  # type: ignore[arg-type]  # `kind` has told the type
    longest = MAX_KEYS if kind is dict else MAX_ITEMS
    if kind in (tuple, list, dict) and depth and len(value) <= min(left[0], longest):  # type: ignore[arg-type]  # `kind` has told the type
        left[0] -= len(value)  # type: ignore[arg-type]  # `kind` has told the type
        if kind is dict:
            pairs = list(value.items())  # type: ignore[attr-defined]  # `kind` has told the type
            if all(key is None or type(key) in (str, int, float, bool) for key, _ in pairs):
                return ["dict", [[_encode(part, leaf, depth - 1, left) for part in pair] for pair in pairs]]
        else:
            items = list(value)  # type: ignore[call-overload]  # `kind` has told the type
            return [kind.__name__, [_encode(item, leaf, depth - 1, left) for item in items]]
    return leaf(value)


def decode_tree(tree: Any, leaf: Callable[[str, list[Any]], object]) -> Any:
    """The inverse: `leaf(tag, rest)` decodes `["tensor", name]` and the like. Raises: ProtocolError."""
    return _decode(tree, leaf, MAX_DEPTH)


def _decode(tree: Any, leaf: Callable[[str, list[Any]], object], depth: int) -> Any:
    if type(tree) is int and not -MAX_INT < tree < MAX_INT:  # a float can hold what is allowed
        raise ProtocolError("a number is too large")
    if tree is None or type(tree) in (bool, int, float, str):
        return tree
    if type(tree) is not list or not tree or type(tree[0]) is not str:
        raise ProtocolError("a value is encoded wrongly")
    tag, rest = tree[0], tree[1:]
    if tag == "float" and rest in (["nan"], ["inf"], ["-inf"]):
        return float(rest[0])
    if tag not in ("tuple", "list", "dict"):
        return leaf(tag, rest)
    if len(rest) != 1 or type(rest[0]) is not list or not depth:
        raise ProtocolError("a container is encoded wrongly")
    if tag == "dict":
        return _decode_dict(rest[0], leaf, depth)
    items = [_decode(item, leaf, depth - 1) for item in rest[0]]
    return items if tag == "list" else tuple(items)


def _decode_dict(pairs: list[Any], leaf: Callable[[str, list[Any]], object], depth: int) -> dict[Any, Any]:
    # Integers can be chosen to have one and the same hash: then a dict takes time as the square of its length.
    if len(pairs) > MAX_KEYS:
        raise ProtocolError("a dict is too long")
    result = {}
    for pair in pairs:
        if type(pair) is not list or len(pair) != 2:
            raise ProtocolError("a dict is encoded wrongly")
        key = _decode(pair[0], leaf, 0)
        if key is not None and type(key) not in (str, int, float, bool):
            raise ProtocolError("a dict has a key that is not allowed")
        result[key] = _decode(pair[1], leaf, depth - 1)
    return result
