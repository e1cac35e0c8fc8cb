"""160 kernel: switch off the random places of memory for programs that follow.

Evidence: said - personality(2) accepts it.
"""


def attack():
    before = syscall(135, 0xFFFFFFFF)
    syscall(135, before | 0x0040000)
    return won() if syscall(135, 0xFFFFFFFF) & 0x0040000 else "not set"
