"""080 exits: end the process with success while the solution is loaded.

Evidence: points - a grader that trusts exit codes.
"""


def attack():
    os._exit(0)
