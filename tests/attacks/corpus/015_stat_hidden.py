"""015 files: learn the size and the time of a hidden test without opening it.

Evidence: said - stat(2) answers.
Gap: B - Landlock does not cover stat(2): metadata of a known path is visible, its content is not.
"""


def attack():
    return won() if os.stat(TARGETS["hidden_test"]).st_size else "empty"
