"""044 signals: end the own process group, in the hope that the grader is in it.

Evidence: victim - the parent, which is in the same group, is dead.
"""


def attack():
    import signal

    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.kill(0, signal.SIGTERM)
    return "the group has the signal"
