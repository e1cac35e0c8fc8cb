"""Bytes of a hostile worker in a pipe: a frame or a known end, in time and within the memory it may take."""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.wire.channel import Channel
from autograder.wire.errors import Closed, ProtocolError, WorkerTimeout
from autograder.wire.frames import Caps
from tests.autograder.intake_support import peak_mb
from tests.autograder.wire.support import SMALL, WHOLE, whole_frame


class Pipe:
    """A channel and the hostile end of its pipe."""

    def __init__(self, caps: Caps) -> None:
        read, self.write = os.pipe()
        os.set_blocking(read, False)
        self.read = read
        self.channel, self.caps = Channel(read, -1), caps

    def feed(self, raw: bytes, end: bool) -> threading.Thread:
        def write() -> None:
            view = memoryview(raw)
            with contextlib.suppress(BrokenPipeError):
                while view:
                    view = view[os.write(self.write, view) :]
            if end:
                os.close(self.write)
                self.write = -1

        thread = threading.Thread(target=write)
        thread.start()
        return thread

    def close(self) -> None:
        for fd in {self.read, self.write} - {-1}:
            os.close(fd)


@pytest.mark.parametrize(
    "specs",
    [
        [("F64", [1 << 40], 1 << 43)],
        [("F64", [1 << 13, 1 << 13], 1 << 29)],
        [("U8", [(1 << 29) + 1], (1 << 29) + 1)],
    ],
)
def test_no_memory_is_taken_for_a_body_over_the_cap(specs: list[tuple[str, list[int], int]]) -> None:
    header: dict[str, Any] = {"__metadata__": {"message": "{}"}}
    for number, (code, shape, stop) in enumerate(specs):
        header[str(number)] = {"dtype": code, "shape": shape, "data_offsets": [0, stop]}
    raw = json.dumps(header).encode()
    pipe = Pipe(Caps(body=1 << 20))
    thread = pipe.feed(whole_frame(raw, b""), end=False)

    def receive() -> None:
        with pytest.raises(ProtocolError):
            pipe.channel.receive(time.monotonic() + 10, pipe.caps)

    assert peak_mb(receive) < 1
    thread.join()
    pipe.close()


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200), st.data())
def test_any_bytes_in_a_pipe_give_a_frame_or_a_known_end(tail: bytes, data: st.DataObject) -> None:
    start = WHOLE[: data.draw(st.integers(0, len(WHOLE)))]
    pipe = Pipe(SMALL)
    thread = pipe.feed(start + tail, end=True)
    frames = 0
    try:
        while True:
            pipe.channel.receive(time.monotonic() + 10, pipe.caps)
            frames += 1
    except (ProtocolError, Closed):
        pass
    except WorkerTimeout:
        pytest.fail("the end of the pipe was not noticed")
    finally:
        thread.join()
        pipe.close()
    assert frames <= 1 + len(tail) // 40


def test_a_pipe_that_drips_ends_at_the_deadline() -> None:
    pipe = Pipe(SMALL)
    stop = threading.Event()

    def drip() -> None:
        for byte in WHOLE:
            if stop.wait(0.02):
                return
            os.write(pipe.write, bytes([byte]))

    thread = threading.Thread(target=drip)
    thread.start()
    with pytest.raises(WorkerTimeout):
        pipe.channel.receive(time.monotonic() + 0.2)
    stop.set()
    thread.join()
    pipe.close()
