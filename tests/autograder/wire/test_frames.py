"""Frames: what goes in comes out, whatever its dtype, shape and order of memory. Hostile ones: the file beside."""

from __future__ import annotations

import json
import math
import os
import threading
import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from safetensors.numpy import load as safetensors_load
from safetensors.numpy import save as safetensors_save

from autograder.wire.channel import Channel
from autograder.wire.errors import Closed, WorkerTimeout
from autograder.wire.frames import DTYPES, Array, Caps, decode, encode
from autograder.wire.values import decode_tree, encode_tree

SMALL = Caps(header=1 << 12, body=1 << 16, arrays=4)
finite = st.floats(allow_nan=False, allow_infinity=False)
text = st.text(st.characters())  # halves of characters included: a student's code may return them
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | finite | text,
    lambda inner: st.lists(inner) | st.dictionaries(text, inner),
    max_leaves=10,
)
dense = hnp.arrays(
    st.sampled_from(list(DTYPES.values())), hnp.array_shapes(min_dims=0, max_dims=8, min_side=0, max_side=3)
)


@st.composite
def views(draw: st.DrawFn) -> Array:
    """An array in some order of memory: turned, thinned out, read backwards, stretched without memory, read-only."""
    array = draw(dense)
    if array.ndim:
        array = array.transpose(draw(st.permutations(range(array.ndim))))
        array = array[tuple(slice(None, None, draw(st.sampled_from([1, 2, -1]))) for _ in array.shape)]
        if 1 in array.shape:
            array = np.broadcast_to(
                array, [3 if size == 1 and draw(st.booleans()) else size for size in array.shape]
            )
    return array


arrays = dense | views()


def frame(message: dict[str, Any], values: dict[str, Any]) -> bytes:
    return b"".join(encode(message, values))


@given(
    st.dictionaries(text, json_values, max_size=4),
    st.dictionaries(st.text(max_size=5), arrays, max_size=5),
)
def test_a_frame_round_trips(message: dict[str, Any], values: dict[str, Any]) -> None:
    values.pop("__metadata__", None)
    before = {name: array.tobytes() for name, array in values.items()}
    decoded, received = decode(frame(message, values))
    assert decoded == message
    assert received.keys() == values.keys()
    for name, array in values.items():
        assert received[name].dtype == array.dtype
        assert received[name].shape == array.shape
        assert received[name].tobytes() == before[name] == array.tobytes()


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
    with pytest.raises(ValueError, match="JSON"):
        encode({"number": math.nan}, {})
    with pytest.raises(ValueError, match="__metadata__"):
        encode({}, {"__metadata__": np.zeros(1)})
    with pytest.raises(ValueError, match=">f8"):
        encode({}, {"a": np.zeros(1, ">f8")})


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


def test_a_dict_that_the_other_side_would_refuse_is_kept_whole() -> None:
    assert encode_tree(dict.fromkeys(range(1001)), lambda _: "whole") == "whole"
    assert encode_tree(1 << 1000, lambda _: "whole") == "whole"
    longest = dict.fromkeys(range(1000))
    assert decode_tree(encode_tree(longest, lambda _: "whole"), lambda *_: None) == longest


def test_deep_and_self_containing_values_are_kept_whole() -> None:
    value: list[object] = []
    value.append(value)
    assert "handle" in json.dumps(encode_tree(value, lambda _: ["handle", 1, "list"]))


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
