"""023 files: be asked by the kernel about every file that is opened anywhere.

Evidence: said - fanotify_init(2) and a mark on the whole file system.
Control: root - fanotify needs CAP_SYS_ADMIN.
"""


def attack():
    watcher = syscall(300, 0, os.O_RDONLY)
    syscall(301, watcher, 0x1 | 0x10, 0x20, -100, ctypes.c_char_p(b"/"))
    return won()
