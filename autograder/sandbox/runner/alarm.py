"""An alarm for statements that may take long: it raises where the statement is, so that what follows can run."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Iterator
from types import FrameType

# The kernel's timer of processor time counts whole ticks, on a busy machine up to three times too many: the clock
# decides. Sleeping takes no processor time; a busy machine takes more time than the statement.
WALL_TIMES = 4
AGAIN_S = 0.1
# An import that is stopped half-way leaves a broken module behind for everything that follows: torch imports its
# compiler at the first `manual_seed`. So it has as much time again, so many times.
IMPORT_TIMES = 8
IMPORTING = "<frozen importlib._bootstrap>"


class OverBudget(BaseException):
    """The statement took too long. No Exception, so that `except Exception` lets it pass."""


@contextlib.contextmanager
def alarm(cpu_s: float) -> Iterator[None]:
    """Raise `OverBudget` in the block once it has used `cpu_s` seconds of processor time, or `WALL_TIMES` as many.

    A block that catches it gets it again. While a module is imported it waits, `IMPORT_TIMES` as long at most. Where
    there are no such timers (Windows), or outside of the main thread, nothing watches.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    patience: dict[int, int] = {signal.SIGPROF: IMPORT_TIMES, signal.SIGALRM: IMPORT_TIMES}
    budget_s, started_s, is_over = cpu_s, time.process_time(), False

    def on_signal(number: int, frame: FrameType | None) -> None:
        nonlocal budget_s
        if is_over:  # no timer may be set again
            return
        left_s = started_s + budget_s - time.process_time()
        if number == signal.SIGPROF and left_s > 0:
            signal.setitimer(signal.ITIMER_PROF, left_s, AGAIN_S)
            return
        if not patience[number] or not _imports(frame):
            raise OverBudget
        patience[number] -= 1
        if number == signal.SIGPROF:
            budget_s += cpu_s
        timer = signal.ITIMER_PROF if number == signal.SIGPROF else signal.ITIMER_REAL
        signal.setitimer(timer, timers[timer], AGAIN_S)

    timers = {signal.ITIMER_PROF: cpu_s, signal.ITIMER_REAL: WALL_TIMES * cpu_s}
    before = {number: signal.signal(number, on_signal) for number in (signal.SIGPROF, signal.SIGALRM)}
    try:
        for timer, seconds in timers.items():
            signal.setitimer(timer, seconds, AGAIN_S)
        yield
    finally:
        # The alarm may ring here, too.
        while True:
            try:
                is_over = True
                for timer in timers:
                    signal.setitimer(timer, 0.0)
                for number, handler in before.items():
                    signal.signal(number, handler)
                break
            except OverBudget:
                continue


def _imports(frame: FrameType | None) -> bool:
    """Whether a module is being imported where the alarm rings."""
    while frame is not None:
        if frame.f_code.co_filename == IMPORTING:
            return True
        frame = frame.f_back
    return False
