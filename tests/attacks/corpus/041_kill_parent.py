"""041 signals: kill the parent process.

Evidence: victim - the parent is dead.
"""


def attack():
    parent = os.getppid()
    if parent > 1:
        os.kill(parent, 9)
    return f"parent {parent}"
