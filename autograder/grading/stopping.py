"""Ctrl-C and SIGTERM while a class is graded: noted when they come, obeyed where nothing can be lost.

An exception in the middle of anything does not get far: hooks that run after a fork swallow it, pytest makes a report
of it, a half-started process is left behind. So a signal is only noted, and `check` raises it at safe places. The
second one ends this process at once; what it has started ends with it, and the next run sweeps temporary folders.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Generator
from types import FrameType
from typing import NoReturn

from autograder.errors import GraderError, StoreError

STOPPED = 130
STOPPING = b"\nautograder: stopping, finished results are kept; once more stops at once\n"
AT_ONCE = b"\x1b[?25h\nautograder: stopped at once; the same command continues\n"
SIGNALS = (signal.SIGINT, signal.SIGTERM)


class _Noted:
    """What has come so far. A process has one set of signal handlers, so there is one of these.

    owner: the process that notes; a fork of it leaves signals to it.
    """

    owner = 0
    count = 0


def check() -> None:
    """A safe place: stop here if that was asked for. Raises: KeyboardInterrupt."""
    if _Noted.count:
        raise KeyboardInterrupt


def leave_to_parent() -> None:
    """In a fork: the parent is told of the same Ctrl-C, and ends this process when it has to end."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


@contextlib.contextmanager
def held() -> Generator[None, None, None]:
    """Within, a first signal is only noted. What fails because a helper got it too is the same stop.

    Raises: KeyboardInterrupt.
    """
    _Noted.owner, _Noted.count = os.getpid(), 0
    before = [signal.signal(number, _note) for number in SIGNALS]
    try:
        yield
    except StoreError:
        raise
    except (GraderError, OSError) as error:
        if _Noted.count:
            raise KeyboardInterrupt from error
        raise
    finally:
        _Noted.count = 0
        for number, handler in zip(SIGNALS, before, strict=True):
            signal.signal(number, handler)


def _note(number: int, frame: FrameType | None) -> None:
    """The handler. It may run in the middle of a write to the same stream, so it writes past it."""
    del number, frame
    if os.getpid() != _Noted.owner:
        return
    _Noted.count += 1
    if _Noted.count > 1:
        _end()
    _say(STOPPING)


def _end() -> NoReturn:
    _say(AT_ONCE if os.isatty(2) else AT_ONCE.removeprefix(b"\x1b[?25h"))
    os._exit(STOPPED)


def _say(text: bytes) -> None:
    with contextlib.suppress(OSError):
        os.write(2, text)
