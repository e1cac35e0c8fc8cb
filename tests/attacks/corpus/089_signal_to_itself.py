"""089 exits: end by a signal that usually means a time-out.

Evidence: judge - the grader dies with the student's code.
When: call
"""


def attack():
    os.kill(os.getpid(), 24)  # SIGXCPU
