"""050 signals: let the kernel send SIGKILL to another process when a pipe becomes ready (F_SETOWN, F_SETSIG).

Evidence: victim - a process that the test started is dead.
"""


def attack():
    import fcntl

    def kill(pid):
        reader, writer = os.pipe()
        fcntl.fcntl(reader, fcntl.F_SETOWN, pid)
        fcntl.fcntl(reader, 10, 9)  # F_SETSIG
        fcntl.fcntl(reader, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
        os.write(writer, b"x")
        return pid

    done = each_pid(kill)
    time.sleep(0.1)
    return done
