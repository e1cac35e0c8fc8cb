"""Frames between the judge and a worker: arrays in safetensors' byte layout, the message as JSON beside them.

A frame is the header's length (8 bytes, little endian), a JSON header and the arrays' bytes without gaps, the same
bytes as a `.safetensors` file (https://github.com/huggingface/safetensors#format). What a worker sends is hostile
until checked: every number of the header is checked before memory is taken, and nothing is unpickled or evaluated.
"""

from __future__ import annotations

import json
import math
import os
import select
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from autograder.wire.safe_text import MAX_TEXT
from autograder.wire.safe_text import clean_text as clean_text

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
MAX_DEPTH = 4
MAX_ITEMS = 20_000
MAX_KEYS = 1000
MAX_INT = 1 << 1000
_IOV_MAX = 512


class ProtocolError(Exception):
    """The other side sent bytes that are no valid frame, or bytes where none belong."""


class WorkerTimeout(Exception):  # noqa: N818 -- says what happened, no mistake of ours
    """The worker did not answer in time, or used up its processor time. The text names the limit."""


class WorkerCrashed(Exception):  # noqa: N818 -- says what happened, no mistake of ours
    """The worker's process ended or was killed. `reason` says how."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Closed(Exception):  # noqa: N818 -- says what happened, no mistake of ours
    """The other side has closed its end."""


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
    found = dict(pairs)
    if len(found) != len(pairs):  # two readers of one frame could take different ones
        raise ValueError("a key appears twice")
    return found


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


Wait = Callable[[int, int, float | None], None]
"""`wait(fd, events, deadline)` returns when `fd` is ready, or raises; `deadline` is a monotonic time in seconds."""


def wait_ready(fd: int, events: int, deadline: float | None) -> None:
    """Wait until `fd` can be read or written. Raises: WorkerTimeout once `deadline` has passed."""
    poller = select.poll()
    poller.register(fd, events)
    while True:
        left_ms = None if deadline is None else max(0.0, deadline - time.monotonic()) * 1000
        if poller.poll(left_ms):
            return
        raise WorkerTimeout("no answer in time")


class Channel:
    """Sends and receives frames over two pipes: no ancillary data can arrive through a pipe.

    With `wait` every read and write is bounded by a deadline (the ends must be non-blocking); without it they block.
    """

    def __init__(self, read_fd: int, write_fd: int, wait: Wait | None = wait_ready) -> None:
        self._read_fd, self._write_fd = read_fd, write_fd
        self._wait = wait

    def send(
        self,
        message: Message,
        arrays: Mapping[str, Array],
        deadline: float | None = None,
        caps: Caps = DEFAULT_CAPS,
    ) -> None:
        """Write one frame. Raises: ValueError (cannot be encoded), WorkerTimeout, Closed."""
        left = encode(message, arrays, caps)
        while left:
            if self._wait is not None:
                self._wait(self._write_fd, select.POLLOUT, deadline)
            try:
                written = os.writev(self._write_fd, left[:_IOV_MAX])
            except BlockingIOError:
                continue
            except (BrokenPipeError, ConnectionError):
                raise Closed("the other side does not read any more") from None
            left = _advance(left, written)

    def receive(self, deadline: float | None = None, caps: Caps = DEFAULT_CAPS) -> tuple[Message, Arrays]:
        """Read one frame. Raises: ProtocolError, WorkerTimeout, Closed."""
        first = np.empty(8, np.uint8)
        self._fill(first, deadline)
        header = np.empty(decode_length(first.tobytes(), caps), np.uint8)
        self._fill(header, deadline)
        message, specs = decode_header(header.tobytes(), caps)
        body = np.empty(max((spec.stop for spec in specs), default=0), np.uint8)
        self._fill(body, deadline)
        return message, decode_body(body, specs)

    def pending(self) -> bool:
        """Whether bytes wait to be read."""
        poller = select.poll()
        poller.register(self._read_fd, select.POLLIN)
        return any(event & select.POLLIN for _, event in poller.poll(0))

    def _fill(self, target: Array, deadline: float | None) -> None:
        view = target.data
        while view.nbytes:
            if self._wait is not None:
                self._wait(self._read_fd, select.POLLIN, deadline)
            try:
                count = os.readv(self._read_fd, [view])
            except BlockingIOError:
                continue
            except ConnectionError:
                count = 0
            if count == 0:
                raise Closed("the other side has closed its end")
            view = view[count:]


def _advance(buffers: list[memoryview], written: int) -> list[memoryview]:
    position = 0
    while position < len(buffers) and written >= buffers[position].nbytes:
        written -= buffers[position].nbytes
        position += 1
    rest = buffers[position:]
    if rest and written:
        rest[0] = rest[0][written:]
    return rest


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
