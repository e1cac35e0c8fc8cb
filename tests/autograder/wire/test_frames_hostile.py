"""Frames from a hostile worker: every byte string gives a value or ProtocolError, within the memory it may take."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.wire.errors import ProtocolError
from autograder.wire.frames import DTYPES, Array, Caps, Message, decode, decode_header, decode_length, encode
from tests.autograder.intake_support import peak_mb
from tests.autograder.wire.support import SMALL, WHOLE, json_values, whole_frame

OK = '{"__metadata__": {"message": "{}"}, "a": '
sizes = st.integers(-2, 9) | st.sampled_from(
    [1 << 16, 1 << 31, 1 << 47, 1 << 48, 1 << 62, 1 << 64, True, 1.0, None, "1"]
)
entries = st.fixed_dictionaries(
    {
        "dtype": st.sampled_from([*DTYPES, "BF16", "F4", "O", "u1", "", None, 3, ["F64"]]),
        "shape": st.lists(sizes, max_size=10) | sizes,
        "data_offsets": st.lists(sizes, max_size=3) | sizes,
    }
)


@st.composite
def nearly_right(draw: st.DrawFn) -> tuple[dict[str, Any], int]:
    """A header that fits its body, or nearly so, and the body's size."""
    header: dict[str, Any] = {"__metadata__": {"message": "{}"}}
    offset = 0
    for name in draw(st.lists(st.sampled_from("abcde"), max_size=5, unique=True)):
        code = draw(st.sampled_from(list(DTYPES)))
        shape = draw(st.lists(st.integers(0, 4) | st.sampled_from([0, 1 << 40, 1 << 47]), max_size=9))
        size = int(np.prod(shape, dtype=object)) * DTYPES[code].itemsize
        start = offset + draw(st.sampled_from([0, 0, 0, 0, 1, -1]))
        header[name] = {"dtype": code, "shape": shape, "data_offsets": [start, start + size]}
        offset += size
    return header, min(offset, 1 << 17) + draw(st.sampled_from([0, 0, 0, 1, -1]))


def decoded(raw: bytes) -> tuple[Message, dict[str, Array]] | None:
    """The decoder's answer, None for a refusal; anything else that it does ends the test."""
    try:
        message, arrays = decode(raw, SMALL)
    except ProtocolError:
        return None
    assert type(message) is dict
    assert sum(array.nbytes for array in arrays.values()) <= len(raw)
    for array in arrays.values():
        assert array.dtype in DTYPES.values()
        assert array.flags.aligned
    return message, arrays


@settings(max_examples=500)
@given(st.binary(max_size=300))
def test_any_bytes_are_decoded_or_refused(raw: bytes) -> None:
    decoded(raw)
    decoded(whole_frame(raw, b""))


@settings(max_examples=500)
@given(st.data())
def test_a_damaged_frame_is_decoded_or_refused(data: st.DataObject) -> None:
    raw = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    decoded(bytes(raw))


@given(st.integers(0, len(WHOLE) - 1))
def test_a_frame_that_is_cut_short_is_refused(length: int) -> None:
    assert decoded(WHOLE) is not None
    assert decoded(WHOLE[:length]) is None


@settings(max_examples=500)
@given(st.dictionaries(st.sampled_from(["__metadata__", "a", "b", "c"]), json_values | entries))
def test_any_json_header_is_accepted_or_refused(header: dict[str, Any]) -> None:
    decoded(whole_frame(json.dumps(header).encode(), b""))
    header["__metadata__"] = {"message": "{}"}
    decoded(whole_frame(json.dumps(header).encode(), bytes(64)))


@settings(max_examples=500)
@given(nearly_right())
def test_a_header_that_nearly_fits_is_accepted_or_refused(made: tuple[dict[str, Any], int]) -> None:
    header, size = made
    decoded(whole_frame(json.dumps(header).encode(), bytes(max(size, 0))))


@given(json_values)
def test_any_message_is_decoded_or_refused(message: object) -> None:
    """The message is JSON within JSON."""
    found = decoded(whole_frame(json.dumps({"__metadata__": {"message": json.dumps(message)}}).encode(), b""))
    assert (found is not None) <= (type(message) is dict)


def described(dtype: object = "F64", shape: object = (2,), offsets: object = (0, 16), **more: Any) -> bytes:
    entry = {"dtype": dtype, "shape": shape, "data_offsets": offsets, **more}
    return json.dumps({"__metadata__": {"message": "{}"}, "a": entry}).encode()


def in_a_row(*sizes: int) -> bytes:
    header: dict[str, Any] = {"__metadata__": {"message": "{}"}}
    for number, size in enumerate(sizes):
        start = sum(sizes[:number])
        header[str(number)] = {"dtype": "U8", "shape": [size], "data_offsets": [start, start + size]}
    return json.dumps(header).encode()


def many(count: int, shape: list[int], offsets: list[int]) -> bytes:
    entry = {"dtype": "U8", "shape": shape, "data_offsets": offsets}
    named = {str(number): entry for number in range(count)}
    return json.dumps({"__metadata__": {"message": "{}"}, **named}).encode()


@pytest.mark.parametrize(
    "header",
    [
        described(dtype="BF16"), described(dtype=["F64"]), described(dtype="O"), described(dtype=None),
        described(shape=[2.0]), described(shape=[True, 2]), described(shape=[-2]), described(shape="2"),
        described(shape=[-1, -2]), described(shape=[None]), described(shape={"0": 2}), described(shape=[[2]]),
        described(shape=[1 << 60, 16], offsets=[0, 1 << 67]), described(shape=[1] * 9, offsets=[0, 8]),
        described(shape=[1 << 63], offsets=[0, 0]), described(shape=[3]), described(shape=[]),
        described(shape=[0, 1 << 47, 1 << 47], offsets=[0, 0]),  # nothing in it, but more than numpy can count
        described(shape=[0, 1 << 14], offsets=[0, 0]),
        described(offsets=[8, 24]), described(offsets=[0, 17]), described(offsets=[16, 0]),
        described(offsets=[0, 16, 32]), described(offsets=[-16, 0]), described(offsets=[0.0, 16.0]),
        described(offsets=[False, 16]), described(offsets=[1 << 64, (1 << 64) + 16]),
        described(shape=[1 << 14], offsets=[0, 1 << 17]), described(strides=[1]),
        many(5, [0], [0, 0]), many(2, [8], [0, 8]), in_a_row(40_000, 40_000),
        json.dumps({"__metadata__": {"message": "{}"}, "a": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]},
                    "b": {"dtype": "U8", "shape": [1], "data_offsets": [2, 3]}}).encode(),
        json.dumps({"__metadata__": {"message": "{}"}, "a": {"dtype": "U8", "shape": [4], "data_offsets": [0, 4]},
                    "b": {"dtype": "U8", "shape": [2], "data_offsets": [2, 4]}}).encode(),
        b"[" * 4000, b'{"a": ' * 600, (OK + "[" * 3000).encode(), (OK + "9" * 5000 + "}").encode(),
        (OK + "-" + "9" * 5000 + "}").encode(), (OK + "NaN}").encode(), (OK + "-Infinity}").encode(),
        b'{"__metadata__": {"message": "[]"}}', b'{"__metadata__": {"message": 1}}',
        b'{"__metadata__": {"message": "{}", "more": ""}}', b'{"__metadata__": {"message": "{\\"x\\": NaN}"}}',
        b'{"__metadata__": {"message": "{\\"x\\": 1, \\"x\\": 2}"}}', b'{"__metadata__": {"message": ""}}',
        b'{"__metadata__": {"message": "{}"}, "__metadata__": {"message": "{}"}}',
        b'{"__metadata__": {"message": "{}", "message": "{}"}}', b'{"__metadata__": null}', b'{"__metadata__": []}',
        described()[:-1] + b', "a": {"dtype": "F64", "shape": [2], "data_offsets": [0, 16]}}',
        b"{}", b"[]", b"null", b"", b"\xff\xfe", b"\xef\xbb\xbf" + described(), described().decode().encode("utf-16"),
        described().decode().encode("utf-32"), b" " + described(), described() + b"x", described() + b"\x00",
        b'{"__metadata__": {"message": "{}"}, "\xff": 1}', b'{"__metadata__": {"message": "{}"}, "\xed\xa0\x80": 1}',
    ],
)  # fmt: skip
def test_a_header_that_lies_is_refused(header: bytes) -> None:
    assert decode_header(described(), SMALL)[1][0].shape == (2,)
    with pytest.raises(ProtocolError):
        decode_header(header, SMALL)


def test_padding_and_arrays_of_nothing_pass() -> None:
    message, specs = decode_header(described(shape=[3, 0, 5], offsets=[0, 0]) + b"   ", SMALL)
    assert (message, specs[0].shape) == ({}, (3, 0, 5))


@pytest.mark.parametrize("length", [0, 1, SMALL.header + 1, 1 << 31, 1 << 60, (1 << 64) - 1])
def test_a_header_of_impossible_length_is_refused_before_it_is_read(length: int) -> None:
    with pytest.raises(ProtocolError, match="claims"):
        decode_length(length.to_bytes(8, "little"), SMALL)


def test_trailing_and_missing_bytes_are_refused() -> None:
    for raw in (WHOLE + b"x", WHOLE[:-1]):
        with pytest.raises(ProtocolError, match="size"):
            decode(raw)


@pytest.mark.parametrize("first", [b"", b"\x00" * 8])
def test_bytes_that_are_no_bool_become_true(first: bytes) -> None:
    values = {"a": np.array([False, True, True, True]), **({"b": np.zeros(1)} if first else {})}
    raw = bytearray(b"".join(encode({}, values)))
    raw[-4:] = b"\x00\x02\xff\x80"
    received = decode(bytes(raw))[1]["a"]
    assert received.view(np.uint8).tolist() == [0, 1, 1, 1]
    assert int(received.sum()) == 3


def hostile_headers() -> dict[str, bytes]:
    """Headers near the cap of one megabyte, made to take as much memory as they can."""
    size = (1 << 20) - 100

    def message(inner: str) -> bytes:
        return json.dumps({"__metadata__": {"message": inner}}).encode()

    return {
        "lists": message('{"a": [' + ",".join(["[]"] * (size // 3)) + "]}"),
        "dicts": (OK + "[" + ",".join(["{}"] * (size // 3)) + "]}").encode(),
        "numbers": message('{"a": [' + ",".join(["1e9"] * (size // 4)) + "]}"),
        "keys": (OK + "{" + ",".join(f'"{number}":0' for number in range(size // 12)) + "}}").encode(),
        "digits": message('{"a": [' + ",".join(["9" * 4000] * (size // 4001)) + "]}"),
        "names": many(9000, [0], [0, 0]),
        "deep": (OK + "[" * (size // 2)).encode(),
        "wide characters": message("\\ud83d\\ude00" * (size // 26)),
    }


@pytest.mark.parametrize("name", hostile_headers())
def test_a_header_takes_memory_and_time_in_proportion_to_its_cap(name: str) -> None:
    header = hostile_headers()[name]
    assert len(header) <= Caps().header

    def read() -> None:
        with contextlib.suppress(ProtocolError):
            decode_header(header)

    assert peak_mb(read) < 64  # measured 2 to 28
    assert peak_mb(lambda: decode_length(len(header).to_bytes(8, "little"))) < 0.1
