"""121 network: send a message by TCP over IPv6.

Evidence: listener - it arrives.
"""


def attack():
    import socket

    with socket.create_connection(("::1", TARGETS["tcp6"]), timeout=2) as line:
        line.sendall(won().encode())
    return "sent"
