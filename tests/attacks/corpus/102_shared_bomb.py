"""102 memory: shared anonymous pages, which belong to no process alone.

Evidence: said - they are held for half a second.
"""


def attack():
    import mmap

    block = mmap.mmap(-1, TARGETS["bomb_mb"] << 20)
    for start in range(0, len(block), 4096):
        block[start] = 1
    time.sleep(0.5)
    return won()
