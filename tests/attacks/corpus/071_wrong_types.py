"""071 protocol: an answer in which nothing has the right type.

Evidence: judge - the reader fails with an error of its own.
Control: channel
"""


def attack():
    header = b'{"__metadata__": [1, 2], "a0": true}'
    os.write(TARGETS["response_fd"], len(header).to_bytes(8, "little") + header)
    time.sleep(20)
