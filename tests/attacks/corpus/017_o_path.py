"""017 files: open a hidden test as a mere place (O_PATH), then again through /proc.

Evidence: secret - its first line.
"""


def attack():
    place = os.open(TARGETS["hidden_test"], os.O_PATH)
    with open(f"/proc/self/fd/{place}") as stream:
        return stream.read(300)
