"""086 exits: pretend that the operator pressed Ctrl-C.

Evidence: judge - the grader stops.
When: call
"""


def attack():
    raise KeyboardInterrupt
