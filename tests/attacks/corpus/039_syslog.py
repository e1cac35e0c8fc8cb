"""039 memory: read the log of the kernel.

Evidence: said - syslog(2) or /dev/kmsg gives text.
Control: root - the log is closed to others.
"""


def attack():
    buffer = ctypes.create_string_buffer(4096)
    syscall(103, 3, buffer, 4096)
    return won() if buffer.value else "empty"
