"""106 memory: full pipes, whose pages no process is charged for.

Evidence: said - a hundred megabytes lie in pipes.
Control: root - without CAP_SYS_RESOURCE the kernel itself stops at 64 MB for each user.
"""


def attack():
    import fcntl

    total = 0
    keep = []
    while total < 100 << 20:
        keep.append(os.pipe())
        fcntl.fcntl(keep[-1][1], 1031, 1 << 20)  # F_SETPIPE_SZ
        os.set_blocking(keep[-1][1], False)
        total += os.write(keep[-1][1], bytes(1 << 20))
    return won()
