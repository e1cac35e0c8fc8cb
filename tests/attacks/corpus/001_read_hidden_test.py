"""001 files: read a hidden test.

Opens the file by its real path, which is readable for everybody outside.
Evidence: secret - its first line in a result.
"""


def attack():
    with open(TARGETS["hidden_test"]) as stream:
        return stream.read(300)
