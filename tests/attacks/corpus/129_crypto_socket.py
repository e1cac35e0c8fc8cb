"""129 network: the kernel's cipher interface (AF_ALG), known for its holes.

Evidence: said - a socket can be made.
"""


def attack():
    import socket

    first(
        lambda: socket.socket(38, socket.SOCK_SEQPACKET).close(),
        lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262).close(),  # or MPTCP
    )
    return won()
