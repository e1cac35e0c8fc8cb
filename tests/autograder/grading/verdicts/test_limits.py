"""The judge's own time and memory within a test, and that nothing of the limits is left behind."""

from __future__ import annotations

import resource
import signal
import threading

import pytest
import torch

from autograder.grading.verdicts.limits import Overrun, limited


def settings() -> tuple[object, ...]:
    return (
        resource.getrlimit(resource.RLIMIT_AS),
        signal.getsignal(signal.SIGPROF),
        signal.getitimer(signal.ITIMER_PROF)[0],
    )


def compute(catching: int = 0) -> None:
    """Without an end, unless it is stopped `catching` times and once more."""
    try:
        while True:
            sum(range(1000))
    except Overrun:
        if not catching:
            raise
        compute(catching - 1)


@pytest.mark.parametrize("catching", [0, 2])
def test_computing_for_too_long_is_stopped_also_where_that_is_caught(catching: int) -> None:
    before = settings()
    with pytest.raises(Overrun), limited(cpu_s=0.1):
        compute(catching)
    assert settings() == before


@pytest.mark.parametrize("kind", [MemoryError, RuntimeError])
def test_more_memory_than_allowed_is_refused_and_then_there_is_some_again(kind: type[Exception]) -> None:
    before = settings()
    size = 300 << 20
    with pytest.raises(kind), limited(megabytes=200):
        bytearray(size) if kind is MemoryError else torch.empty(size, dtype=torch.uint8)
    assert settings() == before
    assert len(bytearray(size)) == size


def test_within_the_limits_nothing_happens() -> None:
    with limited():
        assert float(torch.ones(100, 100).sum()) == 10_000


def test_beside_the_main_thread_time_is_not_watched() -> None:
    results: list[int] = []

    def work() -> None:
        with limited():
            results.append(sum(range(10)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert results == [45]
