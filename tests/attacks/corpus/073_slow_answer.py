"""073 protocol: one byte after the other, slowly, so that the reader is never done.

Evidence: judge - it waits as long as bytes come.
Control: channel
"""


def attack():
    for byte in (1 << 16).to_bytes(8, "little") + b" " * 200:
        os.write(TARGETS["response_fd"], bytes([byte]))
        time.sleep(0.1)
