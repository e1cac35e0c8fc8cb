"""110 disk: write more than a worker may keep.

Evidence: said - all of it is on the disk.
Gap: B - without a mount namespace the folder has no quota; it is removed at the end.
"""


def attack():
    for number in range(TARGETS["bomb_mb"] // 30):
        with open(f"filler-{number}", "wb") as stream:
            stream.write(b"x" * (30 << 20))
    return won()
