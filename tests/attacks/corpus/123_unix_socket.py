"""123 network: talk to a service through a unix socket, as to docker.sock or D-Bus.

Evidence: listener - the message arrives.
"""


def attack():
    import socket

    with socket.socket(socket.AF_UNIX) as line:
        line.connect(TARGETS["unix"])
        line.sendall(won().encode())
    return "sent"
