"""043 signals: kill every process that may be killed, by kill(-1).

Not tried as root or as the person who runs the tests: a sandbox that fails would take the whole session with it.
Evidence: victim - a process of the same user is dead.
Control: alone - as a user that is made for this.
"""


def attack():
    if os.getuid() in TARGETS["never_as"]:
        return "not tried as this user"
    os.kill(-1, 9)
    return "everybody else is dead"
