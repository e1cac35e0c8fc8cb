"""124 network: talk to a service through an abstract unix socket, which no file permission guards.

Evidence: listener - the message arrives.
"""


def attack():
    import socket

    with socket.socket(socket.AF_UNIX) as line:
        line.connect("\0" + TARGETS["abstract"])
        line.sendall(won().encode())
    return "sent"
