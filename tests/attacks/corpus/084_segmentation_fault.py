"""084 exits: read address zero.

Evidence: judge - the grader dies with the student's code.
When: call
"""


def attack():
    ctypes.string_at(0)
