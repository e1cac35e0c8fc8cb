"""037 memory: move the pages of another process to another node.

Evidence: said - move_pages(2) accepts the process.
"""


def attack():
    each_pid(lambda pid: syscall(279, pid, 0, 0, 0, 0, 0))
    return won()
