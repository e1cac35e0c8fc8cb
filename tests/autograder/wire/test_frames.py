"""Frames: what goes in comes out, whatever its dtype, shape and order of memory."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from safetensors.numpy import load as safetensors_load
from safetensors.numpy import save as safetensors_save

from autograder.wire.frames import DTYPES, Array, Caps, decode, encode

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
