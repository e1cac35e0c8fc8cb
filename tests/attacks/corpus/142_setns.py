"""142 kernel: enter the namespaces of another process.

Evidence: said - setns(2) works.
Control: root - others may not.
"""


def attack():
    def enter(pid):
        place = os.open(f"/proc/{pid}/ns/uts", os.O_RDONLY)
        return syscall(308, place, 0)

    def enter_by_pidfd(pid):
        return syscall(308, os.pidfd_open(pid), 0x04000000)

    first(lambda: each_pid(enter), lambda: each_pid(enter_by_pidfd))
    return won()
