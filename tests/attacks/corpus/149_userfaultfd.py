"""149 kernel: stop the kernel in the middle of reading the own memory.

Evidence: said - userfaultfd(2) works.
"""


def attack():
    os.close(syscall(323, 1))
    return won()
