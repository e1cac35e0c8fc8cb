"""055 processes: leave a daemon behind: double fork, a session of its own, every signal ignored.

Evidence: process - it lives when the grader has ended.
"""


def attack():
    import signal

    def daemon():
        os.setsid()
        for number in range(1, 32):
            if number not in (signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD):
                signal.signal(number, signal.SIG_IGN)
        background(linger)

    os.waitpid(background(daemon), 0)
    return "a daemon runs"
