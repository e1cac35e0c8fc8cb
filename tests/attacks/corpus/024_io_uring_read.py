"""024 files: read a hidden test through io_uring, past filters of open(2) and read(2).

Evidence: said - a ring can be made.
"""


def attack():
    parameters = (ctypes.c_ubyte * 120)()
    ring = syscall(425, 4, ctypes.byref(parameters))
    os.close(ring)
    return won()
