"""034 memory: attach to another process as a debugger.

Evidence: said - PTRACE_SEIZE is allowed.
"""


def attack():
    each_pid(lambda pid: syscall(101, 0x4206, pid, 0, 0))
    return won()
