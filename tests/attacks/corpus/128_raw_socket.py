"""128 network: see and forge packets.

Evidence: said - a raw socket or a packet socket can be made.
Control: root - others may not.
"""


def attack():
    import socket

    first(
        lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1).close(),
        lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0).close(),
    )
    return won()
