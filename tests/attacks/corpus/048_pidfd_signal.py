"""048 signals: kill other processes through a pidfd.

Evidence: victim - a process that the test started is dead.
"""


def attack():
    import signal

    return each_pid(lambda pid: signal.pidfd_send_signal(os.pidfd_open(pid), 9))
