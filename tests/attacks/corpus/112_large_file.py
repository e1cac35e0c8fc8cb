"""112 disk: one file of a hundred megabytes.

Evidence: said - it is there.
"""


def attack():
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with open("large", "wb") as stream:
        for _ in range(100):
            stream.write(b"x" * (1 << 20))
    return won()
