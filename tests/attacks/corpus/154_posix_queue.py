"""154 kernel: a POSIX message queue.

Evidence: said - one can be made.
"""


def attack():
    name = ctypes.c_char_p(TARGETS["process"].encode())
    syscall(240, name, os.O_CREAT | os.O_RDWR, 0o600, 0)
    syscall(241, name)
    return won()
