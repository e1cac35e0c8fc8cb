"""075 protocol: close the channel and stay.

Evidence: judge - the reader fails with an error of its own.
Control: channel
"""


def attack():
    os.close(TARGETS["response_fd"])
    time.sleep(20)
