"""095 hangs: catch every exception and go on.

Evidence: judge - it waits for ever.
"""


def attack():
    while True:
        try:
            time.sleep(1)
        except BaseException:
            continue
