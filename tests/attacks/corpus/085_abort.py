"""085 exits: abort.

Evidence: judge - the grader dies with the student's code.
When: call
"""


def attack():
    os.abort()
