"""Frames over two pipes, each read and write within a deadline."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable, Mapping

import numpy as np

from autograder.wire.errors import Closed, WorkerTimeout
from autograder.wire.frames import (
    DEFAULT_CAPS,
    Array,
    Arrays,
    Caps,
    Message,
    decode_body,
    decode_header,
    decode_length,
    encode,
)  # fmt: skip
from autograder.wire.reasons import Reason

_IOV_MAX = 512

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
        raise WorkerTimeout(Reason("late"))


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
