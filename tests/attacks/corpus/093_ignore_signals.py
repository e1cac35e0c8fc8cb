"""093 hangs: ignore and block every signal.

Evidence: judge - it waits for ever.
"""


def attack():
    import signal

    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
    for number in range(1, 32):
        if number not in (9, 19):
            signal.signal(number, signal.SIG_IGN)
    while True:
        time.sleep(1)
