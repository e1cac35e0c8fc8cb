"""Frames between the judge and a worker: arrays in safetensors' byte layout, the message as JSON beside them.

A frame is the header's length (8 bytes, little endian), a JSON header and the arrays' bytes without gaps, the same
bytes as a `.safetensors` file (https://github.com/huggingface/safetensors#format). What a worker sends is hostile
until checked: every number of the header is checked before memory is taken, and nothing is unpickled or evaluated.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from autograder.wire.errors import ProtocolError

Message = dict[str, Any]
Array = npt.NDArray[Any]
Arrays = dict[str, Array]

DTYPES: dict[str, np.dtype[Any]] = {
    "F64": np.dtype("<f8"),
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "I64": np.dtype("<i8"),
    "I32": np.dtype("<i4"),
    "I16": np.dtype("<i2"),
    "I8": np.dtype("i1"),
    "U8": np.dtype("u1"),
    "BOOL": np.dtype("?"),
}
CODES = {dtype: code for code, dtype in DTYPES.items()}
METADATA = "__metadata__"
MAX_RANK = 8


@dataclass(frozen=True)
class Caps:
    """Upper bounds on one frame, in bytes and in arrays."""

    header: int = 1 << 20
    body: int = 1 << 29
    arrays: int = 512


DEFAULT_CAPS = Caps()


@dataclass(frozen=True)
class Spec:
    """Where one array lies in the body."""

    name: str
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    start: int
    stop: int


def encode(message: Message, arrays: Mapping[str, Array], caps: Caps = DEFAULT_CAPS) -> list[memoryview]:
    """Lay out a frame as buffers to be written one after the other; contiguous arrays are not copied.

    Arrays keep their shape (0-d stays 0-d). Raises: ValueError for a dtype that has no code, a number that JSON does
    not have, or a frame over the caps.
    """
    text = json.dumps(message, ensure_ascii=False, allow_nan=False)
    header: dict[str, Any] = {METADATA: {"message": text}}
    buffers: list[memoryview] = []
    offset = 0
    # Wide items first: then every array starts at a multiple of its item size.
    for name, array in sorted(arrays.items(), key=lambda item: -item[1].dtype.itemsize):
        code = CODES.get(array.dtype)
        if name == METADATA:
            raise ValueError(f"an array cannot be named {name}")
        if code is None:
            raise ValueError(
                f"dtype {array.dtype} cannot be sent; use one of {', '.join(map(str, DTYPES.values()))}"
            )
        if array.ndim > MAX_RANK:
            raise ValueError(f"an array has {array.ndim} dimensions, at most {MAX_RANK} can be sent")
        if offset + array.nbytes > caps.body:
            raise ValueError(
                f"arrays of {offset + array.nbytes:,} bytes are too large; {caps.body:,} can be sent"
            )
        header[name] = {
            "dtype": code,
            "shape": list(array.shape),
            "data_offsets": [offset, offset + array.nbytes],
        }
        offset += array.nbytes
        if array.nbytes:
            flat = np.array(array, order="C", copy=None).reshape(-1)
            buffers.append(flat.view(np.uint8).data)
    if len(arrays) > caps.arrays:
        raise ValueError(f"{len(arrays)} arrays are too many; {caps.arrays} can be sent at once")
    raw = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")
    raw += b" " * (-len(raw) % 8)
    if len(raw) > caps.header:
        raise ValueError(f"a message of {len(raw):,} bytes is too long; {caps.header:,} can be sent")
    return [memoryview(len(raw).to_bytes(8, "little") + raw), *buffers]


def decode_length(raw: bytes, caps: Caps = DEFAULT_CAPS) -> int:
    """The header's length from the first 8 bytes. Raises: ProtocolError."""
    length = int.from_bytes(raw, "little")
    if len(raw) != 8 or not 2 <= length <= caps.header:
        raise ProtocolError(f"the header claims {length} bytes, allowed are 2 to {caps.header}")
    return length


def decode_header(raw: bytes, caps: Caps = DEFAULT_CAPS) -> tuple[Message, tuple[Spec, ...]]:
    """Check a header completely; nothing is allocated for the body. Raises: ProtocolError."""
    if not raw.startswith(b"{"):  # no mark of another encoding either; json.loads would take UTF-16
        raise ProtocolError("the header is not a JSON object")
    try:
        header = _json_object(raw.decode("utf-8"), "the header")
    except UnicodeDecodeError:
        raise ProtocolError("the header is not UTF-8") from None
    metadata = header.pop(METADATA, None)
    if type(metadata) is not dict or set(metadata) != {"message"} or type(metadata["message"]) is not str:
        raise ProtocolError("the header has no message")
    message = _json_object(metadata["message"], "the message")
    if len(header) > caps.arrays:
        raise ProtocolError(f"{len(header)} arrays are announced, at most {caps.arrays} are allowed")
    specs = tuple(_spec(name, entry, caps) for name, entry in header.items())
    end = 0
    for spec in sorted(specs, key=lambda spec: (spec.start, spec.stop)):
        if spec.start != end:
            raise ProtocolError("the arrays overlap or leave gaps")
        end = spec.stop
    if end > caps.body:
        raise ProtocolError(f"arrays of {end} bytes are announced, at most {caps.body} are allowed")
    return message, specs


def _json_object(text: str, what: str) -> Message:
    try:
        value = json.loads(text, object_pairs_hook=_without_repetition, parse_constant=_no_constant)
    except (ValueError, RecursionError):  # ValueError: also a key twice, an integer of too many digits
        raise ProtocolError(f"{what} is not valid JSON") from None
    if type(value) is not dict:
        raise ProtocolError(f"{what} is not a JSON object")
    return value


def _without_repetition(pairs: list[tuple[str, Any]]) -> Message:
    table = dict(pairs)
    if len(table) != len(pairs):  # two readers of one frame could take different ones
        raise ValueError("a key appears twice")
    return table


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _spec(name: str, entry: object, caps: Caps) -> Spec:
    if type(entry) is not dict or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise ProtocolError("an array is described wrongly")
    code, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    dtype = DTYPES.get(code) if type(code) is str else None
    if dtype is None:
        raise ProtocolError("an array has a dtype that is not allowed")
    if not _naturals(shape) or len(shape) > MAX_RANK:
        raise ProtocolError("an array has a shape that is not allowed")
    if not _naturals(offsets) or len(offsets) != 2:
        raise ProtocolError("an array has offsets that are not allowed")
    if offsets[1] - offsets[0] != math.prod(shape) * dtype.itemsize:
        raise ProtocolError("an array's shape does not fit its bytes")
    # An empty array may be as long as it likes in its other dimensions, until numpy cannot count them.
    if math.prod(max(size, 1) for size in shape) * dtype.itemsize > caps.body:
        raise ProtocolError("an array has a shape that is not allowed")
    return Spec(name, dtype, tuple(shape), offsets[0], offsets[1])


def _naturals(values: object) -> bool:
    # `type(...) is int`: True and 3.0 are no sizes. The bound keeps products of eight sizes small.
    return type(values) is list and all(type(value) is int and 0 <= value < 1 << 48 for value in values)


def decode_body(body: Array, specs: Sequence[Spec]) -> Arrays:
    """Views of `body` (uint8, one dimension), writable if it is. Raises: ProtocolError if its size is another."""
    if body.nbytes != max((spec.stop for spec in specs), default=0):
        raise ProtocolError("the body has another size than the header announces")
    arrays: Arrays = {}
    for spec in specs:
        piece = body[spec.start : spec.stop]
        if spec.start % spec.dtype.itemsize:
            piece = piece.copy()
        if spec.dtype == np.bool_:
            piece = (piece != 0).view(np.uint8)  # any other byte than 0 or 1 is not a bool for numpy
        arrays[spec.name] = piece.view(spec.dtype).reshape(spec.shape)
    return arrays


def decode(frame: bytes, caps: Caps = DEFAULT_CAPS) -> tuple[Message, Arrays]:
    """Decode one whole frame held in memory. Raises: ProtocolError."""
    length = decode_length(frame[:8], caps)
    if len(frame) < 8 + length:
        raise ProtocolError("the header is cut short")
    message, specs = decode_header(frame[8 : 8 + length], caps)
    return message, decode_body(np.frombuffer(bytearray(frame[8 + length :]), np.uint8), specs)
