"""Values come back from a frame as they were; what is no parcel is refused before memory is taken for it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.sandbox.reading import parcels
from autograder.wire.errors import ProtocolError

texts = st.text(st.characters(), max_size=8)
plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
values = st.recursive(
    plain | st.binary(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_a_value_comes_back(value: Any) -> None:
    assert parcels.unpack(parcels.pack(value)) == value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ((1, (2, b"x")), [1, [2, b"x"]]),
        ({"bytes": 3, ".": {"bytes": b"ab"}, "..": 1}, {"bytes": 3, ".": {"bytes": b"ab"}, "..": 1}),
        (frozenset("ba"), ["a", "b"]),
        (Path("a/b"), "a/b"),
        (datetime(2026, 10, 1, tzinfo=UTC), "2026-10-01T00:00:00+00:00"),
        ({b"": b""}, {"b''": b""}),
        ("\udcff", "\udcff"),
    ],
)
def test_what_plain_values_become(value: object, expected: object) -> None:
    assert parcels.unpack(parcels.pack(value)) == expected


@pytest.mark.parametrize("value", [object(), 1j, bytearray(b"x"), {"a": [print]}])
def test_nothing_else_is_sent(value: object) -> None:
    with pytest.raises(TypeError, match="cannot be sent"):
        parcels.pack(value)


@pytest.mark.parametrize("value", ["x" * (parcels.MAX_TREE_BYTES - 1), [0] * (parcels.MAX_VALUES + 1)])
def test_too_much_is_not_sent(value: object) -> None:
    with pytest.raises(parcels.TooLargeError):
        parcels.pack(value)


def parcel(tree: object, leaves: bytes = b"") -> dict[str, Any]:
    raw = tree if isinstance(tree, bytes) else json.dumps(tree).encode()
    return {"tree": np.frombuffer(raw, np.uint8), "leaves": np.frombuffer(leaves, np.uint8)}


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({}, "other parts"),
        ({"tree": np.zeros(1, np.uint8)}, "other parts"),
        ({**parcel([]), "more": np.zeros(1, np.uint8)}, "other parts"),
        ({**parcel([]), "tree": np.zeros(1)}, "other parts"),
        (parcel(b"[" * 100_000), "not valid JSON"),
        (parcel(b""), "not valid JSON"),
        (parcel('"\u044f"'.encode()), "not valid JSON"),
        (parcel(b"[" + b"9" * 5_000 + b"]"), "not valid JSON"),
        (parcel(b"[" * (parcels.MAX_VALUES + 1)), "too large"),
        (parcel(b" " * (parcels.MAX_TREE_BYTES + 1)), "too large"),
        (parcel({"bytes": 1}), "other bytes"),
        (parcel({"bytes": -1}, b"x"), "other bytes"),
        (parcel({"bytes": True}, b"x"), "other bytes"),
        (parcel({"bytes": 1.0}, b"x"), "other bytes"),
        (parcel([{"bytes": 1}, {"bytes": 1}], b"x"), "other bytes"),
        (parcel([{"bytes": 1}], b"xy"), "belong to nothing"),
        (parcel({"a": 1}), "without its mark"),
        (parcel({"bytes": 1, "a": 1}, b"x"), "without its mark"),
    ],
)  # fmt: skip
def test_what_is_no_parcel_is_refused(arrays: dict[str, Any], said: str) -> None:
    with pytest.raises(ProtocolError, match=said):
        parcels.unpack(arrays)


def refusal(arrays: dict[str, Any]) -> str:
    """Why it is no parcel; empty if it is one."""
    try:
        parcels.unpack(arrays)
    except ProtocolError as error:
        return str(error)
    return ""


@given(st.binary(max_size=60), st.binary(max_size=5))
def test_any_bytes_are_a_value_or_refused(tree: bytes, leaves: bytes) -> None:
    assert refusal(parcel(tree, leaves)).isprintable()
