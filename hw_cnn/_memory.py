"""The memory of a process: what is freed stays with it, and what is imported is not looked through for garbage."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import gc
from collections.abc import Iterator

# Of glibc's <malloc.h>. As environment variables (MALLOC_TRIM_THRESHOLD_) they would have to be there before Python is.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
# The largest that glibc takes, and what may lie unused at the end of the heap.
MMAP_THRESHOLD_BYTES, TRIM_THRESHOLD_BYTES = 32 << 20, 128 << 20
# Below MMAP_THRESHOLD_BYTES, above which glibc learns nothing.
HELD_BYTES = 24 << 20


def keep_freed_memory() -> bool:
    """Tell the C library to keep up to 128 MB that are freed; return whether it can be told.

    By default glibc gives memory back to the kernel soon, and gets it page by page, each page filled with zeros: a
    forward pass of a small network over a large batch takes up to 1.4 times as long. Other C libraries cannot be told.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):
        return False
    return bool(
        mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD_BYTES) and mallopt(M_TRIM_THRESHOLD, TRIM_THRESHOLD_BYTES)
    )


@contextlib.contextmanager
def importing() -> Iterator[None]:
    """Import modules in this block, in a program of its own: the garbage collector rests, and ignores them afterwards.

    Nothing of a module is garbage, but with each of the thousands of modules of torch and Lightning the collector looks
    through what is there already: a sixth to a quarter of the time that they take to import.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if enabled:
            gc.enable()


@functools.cache
def hold_once() -> None:
    """Hold 24 MB for a moment, untouched, the first time that it is called.

    glibc then keeps up to twice as much of what is freed, as it does in any program that has read images. A library
    leaves more than that, `keep_freed_memory`, to the program that uses it.
    """
    bytes(HELD_BYTES)
