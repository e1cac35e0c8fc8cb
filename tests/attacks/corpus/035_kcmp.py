"""035 memory: compare kernel objects of two other processes by kcmp(2).

Evidence: said - it answers.
"""


def attack():
    each_pid(lambda pid: syscall(312, pid, pid, 0, 0, 1))
    return won()
