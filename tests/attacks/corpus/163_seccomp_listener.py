"""163 kernel: install a filter that answers for the kernel, to fool what runs next.

Evidence: said - seccomp(2) with a listener works.
"""


def attack():
    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]

    allow = (ctypes.c_ubyte * 8)(6, 0, 0, 0, 0, 0, 0xFF, 0x7F)
    LIBC.prctl(38, ctypes.c_ulong(1), 0, 0, 0)
    os.close(syscall(317, 1, 8, ctypes.byref(Program(1, ctypes.addressof(allow)))))
    return won()
