"""049 signals: kill other processes by tgkill, tkill, rt_sigqueueinfo and rt_tgsigqueueinfo.

Evidence: victim - a process that the test started is dead.
"""


def attack():
    information = (ctypes.c_int * 32)(9, 0, -1)

    def kill(pid):
        return first(
            lambda: syscall(234, pid, pid, 9),
            lambda: syscall(200, pid, 9),
            lambda: syscall(129, pid, 9, ctypes.byref(information)),
            lambda: syscall(297, pid, pid, 9, ctypes.byref(information)),
        )

    return each_pid(kill)
