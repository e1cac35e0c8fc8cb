"""140 kernel: a user namespace of one's own, with every capability in it.

Evidence: said - unshare(2) grants it.
"""


def attack():
    syscall(272, 0x10000000)
    return won()
