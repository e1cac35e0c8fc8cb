"""145 kernel: make read-only mounts writable, or take a cover away.

Evidence: said - a remount or an unmount works.
Control: root - others may not.
"""


def attack():
    path = ctypes.c_char_p(b"here")
    os.makedirs("here", exist_ok=True)

    def change():
        syscall(165, ctypes.c_char_p(b"none"), path, ctypes.c_char_p(b"tmpfs"), 0, 0)
        syscall(165, ctypes.c_char_p(b"none"), path, 0, 32 | 1, 0)
        syscall(166, path, 2)

    # Where nothing can be mounted the mounts of the sandbox itself are tried: its root, its read-only parts.
    first(change, *[lambda place=place: syscall(166, ctypes.c_char_p(place), 2) for place in (b"/usr", b"/proc", b"/tmp")])
    return won()
