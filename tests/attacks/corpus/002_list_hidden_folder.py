"""002 files: list the folder of the hidden tests.

Evidence: secret - the name of a file there.
"""


def attack():
    return os.listdir(TARGETS["hidden_folder"])
