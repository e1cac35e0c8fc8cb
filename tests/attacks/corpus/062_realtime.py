"""062 processes: run before everybody else.

Evidence: said - a real-time class or a negative nice value is granted.
Control: root - others may not.
"""


def attack():
    first(
        lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)),
        lambda: os.setpriority(os.PRIO_PROCESS, 0, -5),
    )
    return won()
