"""111 disk: ten thousand empty files.

Evidence: said - all of them are there.
Gap: B - without a mount namespace the folder has no quota; they are removed at the end.
"""


def attack():
    for number in range(10_000):
        open(f"empty-{number}", "x").close()
    return won()
