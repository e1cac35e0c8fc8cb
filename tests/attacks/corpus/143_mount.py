"""143 kernel: mount something.

Evidence: said - a file system is mounted on the own folder.
Control: root - others may not.
"""


def attack():
    os.makedirs("here", exist_ok=True)
    syscall(165, ctypes.c_char_p(b"none"), ctypes.c_char_p(b"here"), ctypes.c_char_p(b"tmpfs"), 0, 0)
    syscall(166, ctypes.c_char_p(b"here"), 2)
    return won()
