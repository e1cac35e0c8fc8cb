"""081 exits: end the process with success inside a call.

Evidence: points - a grader that trusts exit codes.
When: call
"""


def attack():
    os._exit(0)
