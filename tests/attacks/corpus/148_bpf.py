"""148 kernel: load a program into the kernel by bpf(2).

Evidence: said - a map can be made.
Control: root - others may not.
"""


def attack():
    attributes = (ctypes.c_uint32 * 32)(2, 4, 8, 1)
    os.close(syscall(321, 0, ctypes.byref(attributes), 128))
    return won()
