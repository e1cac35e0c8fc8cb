"""005 files: read whatever lies in the folder of the results.

Evidence: secret - a line of a file there.
"""


def attack():
    found = []
    for folder, _, names in os.walk(TARGETS["out"], onerror=print):
        for name in sorted(names):
            with open(os.path.join(folder, name), errors="replace") as stream:
                text = stream.read()
            found += [line for line in text.splitlines() if TARGETS["prefix"] in line]
    return found
