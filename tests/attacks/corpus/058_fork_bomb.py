"""058 processes: more processes than allowed.

Evidence: said - all of them live at the same time.
"""


def attack():
    pids = [background(lambda: time.sleep(20)) for _ in range(TARGETS["bomb_tasks"])]
    alive = [pid for pid in pids if os.waitpid(pid, os.WNOHANG) == (0, 0)]
    time.sleep(0.5)
    return won() if len(alive) == len(pids) else "some are missing"
