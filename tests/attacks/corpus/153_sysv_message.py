"""153 kernel: a System V message queue and a semaphore, which outlive every process.

Evidence: said - one can be made.
"""


def attack():
    def queue():
        syscall(71, syscall(68, 0, 0o1600), 0, 0)

    def semaphore():
        syscall(66, syscall(64, 0, 1, 0o1600), 0, 0, 0)

    first(queue, semaphore)
    return won()
