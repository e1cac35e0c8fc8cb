"""162 kernel: leave the control group that limits memory.

Evidence: said - a group can be made or a file of a group can be written.
Control: root - others may not.
"""


def attack():
    tries = []
    for folder in ("/sys/fs/cgroup", "/sys/fs/cgroup/memory", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/pids"):
        path = os.path.join(folder, TARGETS["process"])
        tries.append(lambda path=path: (os.mkdir(path), os.rmdir(path)))
    first(*tries)
    return won()
