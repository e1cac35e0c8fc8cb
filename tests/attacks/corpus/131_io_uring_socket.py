"""131 network: make a socket through io_uring, past filters of socket(2).

Evidence: said - a ring that knows IORING_OP_SOCKET can be made.
"""


def attack():
    parameters = (ctypes.c_ubyte * 120)()
    ring = syscall(425, 2, ctypes.byref(parameters))
    probe = (ctypes.c_ubyte * (16 + 8 * 64))()
    syscall(427, ring, 8, ctypes.byref(probe), 64)
    return won() if probe[0] >= 45 else "an old kernel"
