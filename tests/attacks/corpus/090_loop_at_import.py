"""090 hangs: loop while the solution is loaded.

Evidence: judge - it waits for ever.
"""


def attack():
    while True:
        pass
