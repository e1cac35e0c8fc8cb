"""206 persistence: remove or rename files of the course.

Evidence: tamper - the file is gone.
"""


def attack():
    first(
        lambda: os.rename(TARGETS["tamper"], TARGETS["tamper"] + "-gone"),
        lambda: os.unlink(TARGETS["tamper"]),
    )
    return "gone"
