"""126 network: ask the kernel for its network devices.

Evidence: said - a device other than the loopback is named.
"""


def attack():
    import socket

    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as line:
        line.settimeout(2)
        line.bind((0, 0))
        line.send((17).to_bytes(4, "little") + (18).to_bytes(2, "little") + (0x301).to_bytes(2, "little") + bytes(9))
        answer = b"".join(line.recv(1 << 16) for _ in range(2))
    return won() if len(answer) > 1000 else "only few"
