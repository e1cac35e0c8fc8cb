"""051 signals: refuse to die with the parent.

Evidence: said - the parent-death signal can be cleared.
"""


def attack():
    if LIBC.prctl(1, ctypes.c_ulong(0), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "PR_SET_PDEATHSIG")
    return won()
