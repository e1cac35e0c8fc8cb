"""108 memory: pages that cannot be swapped out.

Evidence: said - sixteen megabytes are locked.
Control: root - the usual limit of others is less.
"""


def attack():
    import mmap

    block = mmap.mmap(-1, 16 << 20)
    address = ctypes.addressof(ctypes.c_char.from_buffer(block))
    syscall(149, address, 16 << 20)
    return won()
