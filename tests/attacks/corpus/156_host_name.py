"""156 kernel: give the machine the name that it has.

Evidence: said - sethostname(2) works.
Control: root - others may not.
"""


def attack():
    import socket

    socket.sethostname(socket.gethostname())
    return won()
