"""094 hangs: stop the own process.

Evidence: judge - it waits for ever.
"""


def attack():
    os.kill(os.getpid(), 19)
    time.sleep(20)
