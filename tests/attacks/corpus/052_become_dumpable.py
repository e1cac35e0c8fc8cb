"""052 signals: let others read the own memory again, which a second worker could use.

Evidence: said - the dumpable flag can be set.
"""


def attack():
    if LIBC.prctl(4, ctypes.c_ulong(1), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "PR_SET_DUMPABLE")
    return won() if LIBC.prctl(3, 0, 0, 0, 0) == 1 else "still not dumpable"
