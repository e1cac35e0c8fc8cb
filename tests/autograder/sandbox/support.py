"""Code that leaves processes behind, for workers to run."""

from __future__ import annotations

FORKS = """
import os, signal, time
def forks():
    pids = []
    try:
        while len(pids) < 500:
            pid = os.fork()
            if pid == 0:
                time.sleep(60)
                os._exit(0)
            pids.append(pid)
    except OSError:
        pass
    return pids
"""
DAEMON = """
import os, time
def daemon():
    read, write = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork():
            os._exit(0)
        os.write(write, str(os.getpid()).encode())
        time.sleep(600)
    return int(os.read(read, 20))
"""
