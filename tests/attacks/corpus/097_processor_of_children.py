"""097 hangs: let children burn the time and only wait oneself.

Evidence: process - they live when the grader has ended.
"""


def attack():
    def burn():
        call_itself(TARGETS["process"])
        end = time.monotonic() + 20
        while time.monotonic() < end:
            pass

    return os.waitpid(background(burn), 0)
