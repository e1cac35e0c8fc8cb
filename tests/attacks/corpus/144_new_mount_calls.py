"""144 kernel: the newer way to mount: open_tree, fsopen, move_mount.

Evidence: said - a detached mount can be made.
Control: root - others may not.
"""


def attack():
    first(
        lambda: syscall(428, -100, ctypes.c_char_p(b"/"), 1),
        lambda: syscall(430, ctypes.c_char_p(b"tmpfs"), 0),
    )
    return won()
