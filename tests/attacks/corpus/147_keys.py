"""147 kernel: leave a message for the next student in a keyring of the kernel.

Evidence: said - add_key(2) works.
"""


def attack():
    syscall(248, ctypes.c_char_p(b"user"), ctypes.c_char_p(TARGETS["process"].encode()), ctypes.c_char_p(b"x"), 1, -4)
    return won()
