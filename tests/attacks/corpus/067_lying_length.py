"""067 protocol: announce a header of 2^60 bytes.

Evidence: judge - the reader asks for the memory, or waits for ever.
Control: channel
"""


def attack():
    os.write(TARGETS["response_fd"], (1 << 60).to_bytes(8, "little") + b"{}")
    time.sleep(20)
