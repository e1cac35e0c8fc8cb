"""026 files: look for other people's folders below /home, /root and the temporary folder.

Evidence: secret - the name of a file that only the test could put there.
"""


def attack():
    found = []
    for folder in (TARGETS["home"], "/home", "/root"):
        try:
            found += os.listdir(folder)
        except OSError:
            continue
    return [name for name in found if name.startswith(TARGETS["prefix"])]
