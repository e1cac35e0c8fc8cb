"""045 signals: take files away from other processes by prlimit(2).

Evidence: said - their limits were changed.
"""


def attack():
    import resource

    each_pid(lambda pid: resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0)))
    return won()
