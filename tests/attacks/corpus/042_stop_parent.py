"""042 signals: stop the parent process, so that it waits for ever.

Evidence: victim - the parent is stopped.
"""


def attack():
    parent = os.getppid()
    if parent > 1:
        os.kill(parent, 19)
    return f"parent {parent}"
