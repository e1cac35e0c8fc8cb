"""031 memory: read the environment of the grader.

Evidence: secret - a variable of it.
"""


def attack():
    def read(pid):
        with open(f"/proc/{pid}/environ") as stream:
            return [text for text in stream.read().split("\0") if TARGETS["prefix"] in text]

    return each_pid(read)
