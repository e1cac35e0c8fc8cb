"""Frames: what goes in comes out, and no byte string makes the decoder do anything but decode or refuse."""

from __future__ import annotations

import contextlib
import json
import math
import os
import threading
import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from safetensors.numpy import load as safetensors_load
from safetensors.numpy import save as safetensors_save

from autograder.protocol import (
    DTYPES,
    Caps,
    Channel,
    Closed,
    ProtocolError,
    WorkerTimeout,
    clean_text,
    decode,
    decode_header,
    decode_length,
    decode_tree,
    encode,
    encode_tree,
)

SMALL = Caps(header=1 << 12, body=1 << 16, arrays=4)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
arrays = hnp.arrays(
    st.sampled_from(list(DTYPES.values())), hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5)
)


def frame(message: dict[str, Any], values: dict[str, Any]) -> bytes:
    return b"".join(encode(message, values))


@given(
    st.dictionaries(st.text(), json_values, max_size=4),
    st.dictionaries(st.text(max_size=5), arrays, max_size=5),
)
def test_a_frame_round_trips(message: dict[str, Any], values: dict[str, Any]) -> None:
    values.pop("__metadata__", None)
    decoded, received = decode(frame(message, values))
    assert decoded == message
    assert received.keys() == values.keys()
    for name, array in values.items():
        assert received[name].dtype == array.dtype
        assert received[name].shape == array.shape
        np.testing.assert_array_equal(received[name], array)


def test_zero_dimensions_stay_zero_dimensions_and_any_order_of_memory_will_do() -> None:
    grid = np.arange(24.0).reshape(2, 3, 4)
    values = {"scalar": np.array(3.0), "turned": grid.T, "thinned": grid[:, ::2], "empty": grid[:, :0]}
    _, received = decode(frame({}, values))
    assert received["scalar"].shape == ()
    for name, array in values.items():
        np.testing.assert_array_equal(received[name], array)


def test_a_frame_is_a_safetensors_file() -> None:
    values = {"a": np.arange(3.0), "b": np.array([True, False]), "c": np.zeros((2, 2), np.float16)}
    theirs = safetensors_load(frame({"x": 1}, values))
    ours = decode(safetensors_save(values, {"message": "{}"}))[1]
    for name, array in values.items():
        np.testing.assert_array_equal(theirs[name], array)
        np.testing.assert_array_equal(ours[name], array)


@settings(max_examples=500)
@given(st.binary(max_size=300))
def test_any_bytes_are_decoded_or_refused(raw: bytes) -> None:
    with contextlib.suppress(ProtocolError):
        decode(raw, SMALL)


@settings(max_examples=500)
@given(st.data())
def test_a_damaged_frame_is_decoded_or_refused(data: st.DataObject) -> None:
    raw = bytearray(frame({"ok": True}, {"a": np.arange(6.0), "b": np.ones((2, 3), bool)}))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        _, received = decode(bytes(raw), SMALL)
    except ProtocolError:
        return
    assert sum(array.nbytes for array in received.values()) <= len(raw)


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from(["__metadata__", "a", "b", "c"]), json_values | st.fixed_dictionaries({
    "dtype": st.sampled_from([*DTYPES, "BF16", "F4"]) | json_values,
    "shape": st.lists(st.integers(-2, 1 << 62) | st.booleans() | st.floats(), max_size=10),
    "data_offsets": st.lists(st.integers(-2, 1 << 62) | st.booleans(), max_size=3),
})))  # fmt: skip
def test_any_json_header_is_accepted_or_refused(header: dict[str, Any]) -> None:
    with contextlib.suppress(ProtocolError):
        decode_header(json.dumps(header).encode(), SMALL)


def described(dtype: object = "F64", shape: object = (2,), offsets: object = (0, 16), **more: Any) -> bytes:
    entry = {"dtype": dtype, "shape": shape, "data_offsets": offsets, **more}
    return json.dumps({"__metadata__": {"message": "{}"}, "a": entry}).encode()


@pytest.mark.parametrize(
    "header",
    [
        described(dtype="BF16"),
        described(dtype=["F64"]),
        described(shape=[2.0]),
        described(shape=[True, 2]),
        described(shape=[-2]),
        described(shape="2"),
        described(shape=[1 << 60, 16], offsets=[0, 1 << 67]),
        described(shape=[1] * 9, offsets=[0, 8]),
        described(offsets=[8, 24]),
        described(offsets=[0, 17]),
        described(offsets=[16, 0]),
        described(offsets=[0, 16, 32]),
        described(shape=[1 << 14], offsets=[0, 1 << 17]),
        described(strides=[1]),
        b"[" * 4000,
        b'{"a": ' * 600,
        b'{"__metadata__": {"message": "{}"}, "a": ' + b"9" * 5000 + b"}",
        b'{"__metadata__": {"message": "[]"}}',
        b'{"__metadata__": {"message": 1}}',
        b'{"__metadata__": {"message": "{}", "more": ""}}',
        b"{}",
        b"\xff\xfe",
        json.dumps(
            {"__metadata__": {"message": "{}"}}
            | {str(i): {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]} for i in range(5)}
        ).encode(),
        json.dumps(
            {"__metadata__": {"message": "{}"}}
            | {name: {"dtype": "F64", "shape": [2], "data_offsets": [0, 16]} for name in "ab"}
        ).encode(),
    ],
)
def test_a_header_that_lies_is_refused(header: bytes) -> None:
    assert decode_header(described(), SMALL)[1][0].shape == (2,)
    with pytest.raises(ProtocolError):
        decode_header(header, SMALL)


@pytest.mark.parametrize("length", [0, 1, SMALL.header + 1, 1 << 60, (1 << 64) - 1])
def test_a_header_of_impossible_length_is_refused_before_it_is_read(length: int) -> None:
    with pytest.raises(ProtocolError, match="claims"):
        decode_length(length.to_bytes(8, "little"), SMALL)


def test_trailing_and_missing_bytes_are_refused() -> None:
    whole = frame({}, {"a": np.arange(4.0)})
    for raw in (whole + b"x", whole[:-1]):
        with pytest.raises(ProtocolError, match="size"):
            decode(raw)


def test_bytes_that_are_no_bool_become_true() -> None:
    raw = bytearray(frame({}, {"a": np.array([False, True, True])}))
    raw[-3:] = b"\x00\x02\xff"
    received = decode(bytes(raw))[1]["a"]
    assert received.view(np.uint8).tolist() == [0, 1, 1]


def test_what_cannot_be_sent_is_said() -> None:
    for array, match in [(np.zeros(2, complex), "complex128"), (np.zeros((1,) * 9), "9 dimensions")]:
        with pytest.raises(ValueError, match=match):
            encode({}, {"a": array})
    with pytest.raises(ValueError, match="too large"):
        encode({}, {"a": np.zeros(1 << 17, np.uint8)}, SMALL)
    with pytest.raises(ValueError, match="too many"):
        encode({}, {str(i): np.zeros(1) for i in range(5)}, SMALL)
    with pytest.raises(ValueError, match="too long"):
        encode({"text": "x" * 5000}, {}, SMALL)


plain = st.none() | st.booleans() | st.integers(-(1 << 999), 1 << 999) | st.floats() | st.text(max_size=20)
keys = (
    st.none()
    | st.booleans()
    | st.integers(-(1 << 99), 1 << 99)
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
)
trees = st.recursive(
    plain,
    lambda inner: (
        st.lists(inner, max_size=3) | st.tuples(inner, inner) | st.dictionaries(keys, inner, max_size=3)
    ),
)


@given(trees)
def test_a_tree_of_plain_values_round_trips(value: object) -> None:
    kept: list[object] = []

    def keep(item: object) -> list[Any]:
        kept.append(item)
        return ["handle", len(kept) - 1]

    text = json.dumps(encode_tree(value, keep))
    decoded = decode_tree(json.loads(text), lambda _, rest: kept[rest[0]])
    assert repr(decoded) == repr(value)  # repr, because NaN differs from itself and 1 equals True


@given(json_values)
def test_any_json_is_a_tree_or_refused(tree: object) -> None:
    with contextlib.suppress(ProtocolError):
        decode_tree(tree, lambda *_: None)


def test_deep_and_self_containing_values_are_kept_whole() -> None:
    value: list[object] = []
    value.append(value)
    assert "handle" in json.dumps(encode_tree(value, lambda _: ["handle", 1, "list"]))
    with pytest.raises(ProtocolError):
        decode_tree(["list", [["list", [["list", [["list", [["list", [[]]]]]]]]]]], lambda *_: None)


def test_text_is_made_harmless() -> None:
    text = "\x1b[31mred\x1b[0m \x1b]0;title\x07ok\r\n\ttab\x00\x08\u202eabc\ud800"
    assert clean_text(text) == "red ok\n\ttababc"
    assert clean_text("a" * 100, limit=10) == "a" * 9 + "…"
    assert clean_text(3) == ""


def test_reading_and_writing_end_at_the_deadline() -> None:
    (request_read, request_write), (answer_read, answer_write) = os.pipe(), os.pipe()
    os.set_blocking(request_write, False)
    channel = Channel(answer_read, request_write)
    try:
        started = time.monotonic()
        with pytest.raises(WorkerTimeout):
            channel.receive(started + 0.05)
        with pytest.raises(WorkerTimeout):  # nobody reads: a pipe holds much less than this
            channel.send({}, {"a": np.zeros(1 << 24, np.uint8)}, time.monotonic() + 0.05)
        os.write(answer_write, b"\x10\0\0")
        with pytest.raises(WorkerTimeout):  # a byte now and then buys no time
            channel.receive(time.monotonic() + 0.05)
        assert time.monotonic() - started >= 0.15
    finally:
        for fd in (request_read, request_write, answer_read, answer_write):
            os.close(fd)


def test_large_arrays_pass_a_pipe_and_its_end_is_noticed() -> None:
    read, write = os.pipe()
    values = {"a": np.random.default_rng(0).standard_normal((300, 1000)), "flag": np.array(True)}

    def send() -> None:
        Channel(-1, write, wait=None).send({"n": math.pi}, values)
        os.close(write)

    thread = threading.Thread(target=send)
    thread.start()
    channel = Channel(read, -1)
    message, received = channel.receive(time.monotonic() + 10)
    thread.join()
    assert message == {"n": math.pi}
    np.testing.assert_array_equal(received["a"], values["a"])
    with pytest.raises(Closed):
        channel.receive(time.monotonic() + 10)
    os.close(read)
