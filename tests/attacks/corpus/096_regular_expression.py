"""096 hangs: a regular expression that takes exponential time and holds the interpreter's lock.

Evidence: judge - it waits for ever.
"""


def attack():
    import re

    return re.match(r"(a+)+$", "a" * 60 + "b")
