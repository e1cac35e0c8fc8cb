"""What a hidden test may use of the judge's own time and memory: a student's answer can make it use any amount.

Broadcasting (n, 1) against (1, n) takes n² numbers; a list of a long answer may be gone through for minutes.
"""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

TEST_CPU_S = 30.0
TEST_MB = 2048
AGAIN_S = 1.0


class Overrun(BaseException):
    """The judge's own processor time for a test is used up. No Exception, so that no library takes it for its own."""


@contextlib.contextmanager
def limited(cpu_s: float = TEST_CPU_S, megabytes: int = TEST_MB) -> Iterator[None]:
    """Raise `Overrun` in the block once this process has computed for `cpu_s` seconds, and refuse it more memory.

    Waiting for a worker takes no processor time. Memory: above what this process has mapped at the start; the
    allocator that is refused raises MemoryError, or RuntimeError in torch. Outside of the main thread, and on systems
    without such limits, nothing is limited.
    """
    with _limited_time(cpu_s), _limited_memory(megabytes << 20):
        yield


@contextlib.contextmanager
def _limited_time(cpu_s: float) -> Iterator[None]:
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    end_s, is_over = time.process_time() + cpu_s, False

    def on_signal(number: int, frame: FrameType | None) -> None:
        if is_over:  # no timer may be set again
            return
        # The kernel's timer counts whole ticks, on a busy machine up to three times too many: the clock decides.
        left_s = end_s - time.process_time()
        if left_s <= 0:
            raise Overrun
        signal.setitimer(signal.ITIMER_PROF, left_s, AGAIN_S)

    before = signal.signal(signal.SIGPROF, on_signal)
    try:
        signal.setitimer(signal.ITIMER_PROF, cpu_s, AGAIN_S)
        yield
    finally:
        while True:  # the alarm may ring here, too
            try:
                is_over = True
                signal.setitimer(signal.ITIMER_PROF, 0.0)
                signal.signal(signal.SIGPROF, before)
                break
            except Overrun:
                continue


@contextlib.contextmanager
def _limited_memory(size: int) -> Iterator[None]:
    mapped = Path("/proc/self/statm")
    if not mapped.exists():
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = int(mapped.read_text().split()[0]) * resource.getpagesize() + size
    for known in (soft, hard):
        if known != resource.RLIM_INFINITY:
            limit = min(limit, known)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
