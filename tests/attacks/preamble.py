import ctypes
import errno
import functools
import os
import sys  # noqa: F401 - attacks use it
import time

TARGETS = {}  # filled in before the submission is handed in: real paths, real pids, real ports

LIBC = ctypes.CDLL(None, use_errno=True)


def syscall(number, *arguments):
    """A system call by number. Integers and ctypes objects; raises OSError."""
    words = [ctypes.c_long(word) if isinstance(word, int) else word for word in arguments]
    result = LIBC.syscall(ctypes.c_long(number), *words)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


SLIPS = (NameError, AttributeError, TypeError, SyntaxError, KeyError, AssertionError)


def mark(name):
    """Leave a trace that the test looks for: open a file that every worker may open. "begun" or "broken"."""
    import torch

    try:
        os.close(os.open(os.path.join(os.path.dirname(torch.__file__), TARGETS["traces"][name]), os.O_RDONLY))
    except OSError:
        pass


def begins(function):
    """A function of an attack: that it was called is seen, and that it is wrong itself rather than stopped."""

    @functools.wraps(function)
    def marked(*arguments, **settings):
        mark("begun")
        try:
            return function(*arguments, **settings)
        except SLIPS:
            mark("broken")
            raise

    return marked


def won():
    """The text that tells the test that an attack has worked. It stands in no file that the grader reads."""
    return f"{TARGETS['token']}-{TARGETS['number']}"


def first(*tries):
    """The result of the first of some functions that raises no OSError."""
    problem = OSError("nothing was tried")
    for attempt in tries:
        try:
            return attempt()
        except OSError as error:
            problem = error
    raise problem


def each_pid(action):
    """`action(pid)` for every target process and the parent; the results of those that worked."""
    found = []
    for pid in TARGETS["pids"] + [
        parent for parent in (os.getppid(),) if parent > 1 and TARGETS["and_parent"]
    ]:
        try:
            found.append(action(pid))
        except OSError:
            continue
    if not found:
        raise OSError(errno.ESRCH, "no target process could be reached")
    return found


def call_itself(name):
    """Take the process name that the test looks for."""
    LIBC.prctl(15, ctypes.c_char_p(name.encode()), 0, 0, 0)


def background(action):
    """Run `action` in a child that nobody waits for."""
    pid = os.fork()
    if pid == 0:
        try:
            action()
        finally:
            os._exit(0)
    return pid


def linger():
    """Stay, under the process name that the test looks for, for at most half a minute."""
    call_itself(TARGETS["process"])
    end = time.monotonic() + 30
    while time.monotonic() < end:
        time.sleep(0.2)
