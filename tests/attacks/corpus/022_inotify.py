"""022 files: watch the folder of the hidden tests and see when they are read.

Evidence: said - inotify_add_watch(2) accepts the folder.
"""


def attack():
    watcher = LIBC.inotify_init1(0)
    watch = LIBC.inotify_add_watch(watcher, TARGETS["hidden_folder"].encode(), 0xFFF)
    return won() if watch >= 0 else os.strerror(ctypes.get_errno())
