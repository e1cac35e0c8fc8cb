"""047 signals: push other processes to one processor.

Evidence: said - the processors of another process were changed.
"""


def attack():
    each_pid(lambda pid: os.sched_setaffinity(pid, {0}))
    return won()
