"""040 signals: kill the grader and other processes of the machine.

Evidence: victim - a process that the test started is dead.
"""


def attack():
    return each_pid(lambda pid: os.kill(pid, 9))
