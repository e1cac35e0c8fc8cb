"""046 signals: slow the grader down by its priority.

Evidence: said - the priority of another process was changed.
"""


def attack():
    each_pid(lambda pid: os.setpriority(os.PRIO_PROCESS, pid, 19))
    return won()
