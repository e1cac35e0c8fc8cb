"""036 memory: learn where the grader's code and data lie.

Evidence: said - /proc/PID/maps of another process can be read.
"""


def attack():
    def read(pid):
        with open(f"/proc/{pid}/maps") as stream:
            return stream.readline()

    return won() if any(each_pid(read)) else "empty"
