"""120 network: send a message by TCP.

Evidence: listener - it arrives.
"""


def attack():
    import socket

    with socket.create_connection(("127.0.0.1", TARGETS["tcp"]), timeout=2) as line:
        line.sendall(won().encode())
    return "sent"
