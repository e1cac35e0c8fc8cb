"""103 memory: many processes with a little each.

Evidence: said - all of it is held for half a second.
"""


def attack():
    def hold():
        block = bytearray(b"x") * ((TARGETS["bomb_mb"] << 20) // 15)
        time.sleep(10 if block else 0)

    pids = [background(hold) for _ in range(15)]
    time.sleep(1.2)
    return won() if all(os.waitpid(pid, os.WNOHANG) == (0, 0) for pid in pids) else "some are missing"
