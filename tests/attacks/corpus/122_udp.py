"""122 network: send a message by UDP.

Evidence: listener - it arrives.
"""


def attack():
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.sendto(won().encode(), ("127.0.0.1", TARGETS["udp"]))
    return "sent"
