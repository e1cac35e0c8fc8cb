"""205 persistence: empty a file of the hidden tests by truncate(2), which old Landlock does not cover.

Evidence: tamper - its text is another one.
"""


def attack():
    os.truncate(TARGETS["tamper"], 1)
    return "emptied"
