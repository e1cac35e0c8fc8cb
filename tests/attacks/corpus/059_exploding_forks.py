"""059 processes: every process makes two, up to a cap.

Evidence: said - the cap is reached.
"""


def attack():
    import mmap

    counter = mmap.mmap(-1, 4096)

    def explode():
        while counter[0] < TARGETS["bomb_tasks"]:
            counter[0] += 1
            background(explode)
            background(explode)
        time.sleep(10)

    background(explode)
    end = time.monotonic() + 5
    alive = 0
    while alive < TARGETS["bomb_tasks"] and time.monotonic() < end:
        time.sleep(0.2)
        alive = 0
        for name in os.listdir("/proc"):
            try:
                alive += name.isdigit() and os.getpgid(int(name)) == os.getpgid(0)
            except OSError:
                continue
    return won() if alive >= TARGETS["bomb_tasks"] else f"only {alive} processes live"
