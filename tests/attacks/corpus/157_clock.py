"""157 kernel: change the clock by nothing at all.

Evidence: said - adjtimex(2) accepts a change.
Control: root - others may not.
"""


def attack():
    change = (ctypes.c_ubyte * 208)()
    change[0], change[1] = 0, 0x20  # ADJ_NANO: keep what is there
    syscall(159, ctypes.byref(change))
    return won()
