"""130 network: open a port, so that a neighbour can be talked to.

Evidence: said - a connection to the own port works.
"""


def attack():
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname(), timeout=2):
            return won()
