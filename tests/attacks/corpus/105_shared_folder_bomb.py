"""105 memory: files in /dev/shm.

Evidence: said - they are held for half a second.
"""


def attack():
    names = []
    try:
        for number in range(TARGETS["bomb_mb"] // 30):
            names.append(f"/dev/shm/{TARGETS['process']}-{number}")
            with open(names[-1], "wb") as stream:
                stream.write(b"x" * (30 << 20))
        time.sleep(0.5)
    finally:
        for name in names:
            os.path.exists(name) and os.unlink(name)
    return won()
