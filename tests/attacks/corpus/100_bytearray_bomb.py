"""100 memory: fill more memory than allowed with bytes.

Evidence: said - it is held for half a second.
"""


def attack():
    block = bytearray(b"x") * (TARGETS["bomb_mb"] << 20)
    time.sleep(0.5)
    return won() if len(block) else "empty"
