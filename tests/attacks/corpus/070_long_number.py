"""070 protocol: a number of a hundred thousand digits in the header.

Evidence: judge - the reader fails with an error of its own.
Control: channel
"""


def attack():
    header = b'{"__metadata__": ' + b"9" * 100_000 + b"}"
    os.write(TARGETS["response_fd"], len(header).to_bytes(8, "little"))
    while header:
        header = header[os.write(TARGETS["response_fd"], header) :]
    time.sleep(20)
