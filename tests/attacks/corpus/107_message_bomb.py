"""107 memory: System V messages and shared memory, which stay when every process has ended.

Evidence: said - a segment is there that survives its maker.
"""


def attack():
    segment = syscall(29, 0, 32 << 20, 0o1600)
    LIBC.shmat.restype = ctypes.c_void_p
    address = LIBC.shmat(segment, None, 0)
    ctypes.memset(address, 1, 32 << 20)
    syscall(31, segment, 0, 0)
    return won()
