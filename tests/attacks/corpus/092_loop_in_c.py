"""092 hangs: wait inside a C function, where Python handles no signal.

Evidence: judge - it waits for ever.
"""


def attack():
    LIBC.signal(14, ctypes.c_void_p(1))
    while True:
        LIBC.sleep(1000)
