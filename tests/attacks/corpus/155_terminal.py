"""155 kernel: push characters into the terminal of whoever grades.

Evidence: said - a terminal opens.
"""


def attack():
    leader, follower = os.openpty()
    os.close(leader)
    os.close(follower)
    return won()
