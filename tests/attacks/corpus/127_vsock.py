"""127 network: a socket to the host of a virtual machine.

Evidence: said - it can be made.
"""


def attack():
    import socket

    socket.socket(40, socket.SOCK_STREAM).close()
    return won()
