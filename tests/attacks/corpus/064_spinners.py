"""064 processes: keep every processor busy while the neighbours are graded.

Evidence: process - spinning processes live when the grader has ended.
"""


def attack():
    def spin():
        call_itself(TARGETS["process"])
        end = time.monotonic() + 20
        while time.monotonic() < end:
            pass

    for _ in range(8):
        background(spin)
    return "8 processes spin"
