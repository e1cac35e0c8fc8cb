"""164 kernel: take capabilities back, or become root again.

Evidence: said - the user can be changed.
Control: root - others may not.
"""


def attack():
    first(lambda: os.setresuid(0, 0, 0), lambda: os.setuid(0), lambda: os.setgroups([0]))
    return won()
