"""083 exits: raise SystemExit inside a call.

Evidence: points - a grader that trusts exit codes.
When: call
"""


def attack():
    sys.exit(0)
