"""A channel on a pipe: whole frames pass, and reading and writing end at the deadline."""

from __future__ import annotations

import math
import os
import threading
import time

import numpy as np
import pytest

from autograder.wire.channel import Channel
from autograder.wire.errors import Closed, WorkerTimeout


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
