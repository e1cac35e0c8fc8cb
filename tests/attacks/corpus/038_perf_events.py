"""038 memory: count instructions of another process by perf_event_open(2).

Evidence: said - a counter on that process is granted.
Control: root - the usual setting of perf_event_paranoid allows it to nobody else.
"""


def attack():
    def count(pid):
        attributes = (ctypes.c_ubyte * 128)()
        attributes[0], attributes[4], attributes[8] = 1, 128, 1  # a software counter, size 128, task clock
        attributes[40] = 1 << 5  # leave the kernel out
        return syscall(298, ctypes.byref(attributes), pid, -1, -1, 0)

    each_pid(count)
    return won()
