"""146 kernel: get another root folder.

Evidence: said - pivot_root(2) or chroot(2) works.
Control: root - others may not.
"""


def attack():
    os.makedirs("there", exist_ok=True)
    first(
        lambda: syscall(155, ctypes.c_char_p(b"."), ctypes.c_char_p(b".")),
        lambda: os.chroot("there"),
    )
    return won()
