"""207 persistence: change mode, times and attributes of files outside.

Evidence: said - one of them is changed.
"""


def attack():
    path = TARGETS["tamper"]
    first(
        lambda: os.chmod(path, 0o666),
        lambda: os.utime(path),
        lambda: os.setxattr(path, "user.mark", b"x"),
        lambda: os.chown(path, os.getuid(), os.getgid()),
    )
    return won()
