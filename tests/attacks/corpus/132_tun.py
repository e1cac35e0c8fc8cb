"""132 network: a network device of one's own.

Evidence: said - /dev/net/tun opens.
Control: root - it may be closed to others.
"""


def attack():
    os.close(os.open("/dev/net/tun", os.O_RDWR))
    return won()
