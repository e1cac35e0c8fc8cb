"""006 files: copy the work of a neighbour.

Evidence: secret - a comment in it.
"""


def attack():
    with open(TARGETS["neighbour"]) as stream:
        return stream.read(300)
