"""150 kernel: performance counters, a large piece of the kernel with a history of holes.

Evidence: said - a counter on oneself is granted.
"""


def attack():
    attributes = (ctypes.c_ubyte * 128)()
    attributes[0], attributes[4], attributes[8] = 1, 128, 1
    attributes[40] = 1 << 5
    os.close(syscall(298, ctypes.byref(attributes), 0, -1, -1, 0))
    return won()
