"""069 protocol: a header that is a list of lists of lists, a hundred thousand deep.

Evidence: judge - the parser of the reader gives up with an error of its own.
Control: channel
"""


def attack():
    header = b"[" * 100_000 + b"]" * 100_000
    os.write(TARGETS["response_fd"], len(header).to_bytes(8, "little"))
    os.set_blocking(TARGETS["response_fd"], True)
    while header:
        header = header[os.write(TARGETS["response_fd"], header) :]
    time.sleep(20)
