"""Plain values with bytes in them as the two arrays of a frame: a tree as JSON, and the bytes of its leaves.

Nothing is pickled. What comes from a process that has read an upload is hostile until it is checked; here only its size
and form are; what it says is `submissions`' business.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Set
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import numpy as np

from autograder.wire.errors import ProtocolError
from autograder.wire.frames import Array, Arrays, Caps

TREE, LEAVES = "tree", "leaves"
MAX_TREE_BYTES = 32 << 20
# Of the tree: each may take a hundred times the memory of its text.
MAX_VALUES = 3_000_000
# A key of a mapping has a dot before it, so that it cannot be taken for a leaf.
LEAF, KEY = "bytes", "."


class TooLargeError(Exception):
    """More than one frame may hold."""


def caps(leaf_bytes: int) -> Caps:
    """Of a frame whose leaves hold at most so many bytes."""
    return Caps(body=MAX_TREE_BYTES + leaf_bytes, arrays=2)


def pack(value: object) -> Arrays:
    """Lay out mappings, sequences, sets, text, numbers, dates, paths and bytes.

    Raises: TooLargeError; TypeError for a value of another type.
    """
    leaves: list[bytes] = []
    # ASCII only: halves of characters, which UTF-8 does not have, stand in names of files.
    tree = json.dumps(_packed(value, leaves), separators=(",", ":"), allow_nan=False).encode()
    if len(tree) > MAX_TREE_BYTES or _count_values(tree) > MAX_VALUES:
        raise TooLargeError
    return {TREE: np.frombuffer(tree, np.uint8), LEAVES: np.frombuffer(b"".join(leaves), np.uint8)}


def _packed(value: object, leaves: list[bytes]) -> object:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case bytes():
            leaves.append(value)
            return {LEAF: len(value)}
        case datetime():
            return value.isoformat()
        case Path():
            return str(value)
        case Mapping():
            return {f"{KEY}{key}": _packed(item, leaves) for key, item in value.items()}
        case Set():
            return [_packed(item, leaves) for item in sorted(value)]
        case tuple() | list():
            return [_packed(item, leaves) for item in value]
    raise TypeError(f"a {type(value).__name__} cannot be sent")


def unpack(arrays: Mapping[str, Array]) -> Any:
    """The value again: tuples and sets as lists, dates and paths as text. Raises: ProtocolError."""
    if arrays.keys() != {TREE, LEAVES} or any(array.dtype != np.uint8 for array in arrays.values()):
        raise ProtocolError("a parcel has other parts than it should")
    raw, leaves = arrays[TREE].tobytes(), _Leaves(arrays[LEAVES].tobytes())
    if len(raw) > MAX_TREE_BYTES or _count_values(raw) > MAX_VALUES:
        raise ProtocolError("a parcel is too large")
    try:
        value = _unpacked(json.loads(raw.decode("ascii")), leaves)
    except (ValueError, RecursionError):
        raise ProtocolError("a parcel is not valid JSON") from None
    leaves.finish()
    return value


def _count_values(tree: bytes) -> int:
    return sum(tree.count(mark) for mark in (b",", b"[", b"{"))


def _unpacked(tree: object, leaves: _Leaves) -> object:
    if isinstance(tree, list):
        return [_unpacked(item, leaves) for item in tree]
    if not isinstance(tree, dict):
        return tree
    if tree.keys() == {LEAF}:
        return leaves.take(tree[LEAF])
    value = {}
    for key, item in cast(dict[str, object], tree).items():
        if not key.startswith(KEY):
            raise ProtocolError("a parcel holds a mapping without its mark")
        value[key.removeprefix(KEY)] = _unpacked(item, leaves)
    return value


class _Leaves:
    """Bytes one after the other: none twice, so that a small parcel cannot become a large value."""

    def __init__(self, data: bytes) -> None:
        self._data, self._position = data, 0

    def take(self, size: object) -> bytes:
        if type(size) is not int or not 0 <= size <= len(self._data) - self._position:
            raise ProtocolError("a parcel announces other bytes than it holds")
        self._position += size
        return self._data[self._position - size : self._position]

    def finish(self) -> None:
        if self._position != len(self._data):
            raise ProtocolError("a parcel holds bytes that belong to nothing")
