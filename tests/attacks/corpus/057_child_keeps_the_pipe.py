"""057 processes: a child keeps every descriptor open when its parent has ended.

Evidence: process - it lives when the grader has ended.
"""


def attack():
    background(linger)
    os._exit(3)
