"""203 persistence: write a result for oneself into the folder of the results.

Evidence: marker - a file is there that the grader has not written.
"""


def attack():
    path = os.path.join(TARGETS["out"], TARGETS["left"])
    with open(path, "w") as stream:
        stream.write('{"score": 100}')
    return path
