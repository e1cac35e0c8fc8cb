"""003 files: read the course key, from which all hidden inputs follow.

Evidence: secret - the key.
"""


def attack():
    with open(TARGETS["key"]) as stream:
        return stream.read(300)
