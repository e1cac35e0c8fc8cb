"""A bystander: a process with a secret in memory, in its environment and in a deleted file that it holds open.

Run as a program: it prints its numbers as one line of JSON and sleeps. `hide` makes it another user first.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
import tempfile
import time


def main() -> None:
    memory, text, uid = sys.argv[1], sys.argv[2], int(sys.argv[3])
    if uid != os.getuid():
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
        ctypes.CDLL(None).prctl(4, ctypes.c_ulong(1), 0, 0, 0)  # a change of user has made it not dumpable
    buffer = ctypes.create_string_buffer(bytes.fromhex(memory) + bytes(64))
    with tempfile.TemporaryFile() as stream:
        stream.write(bytes.fromhex(text))
        stream.flush()
        answer = {"pid": os.getpid(), "address": ctypes.addressof(buffer), "fd": stream.fileno()}
        print(json.dumps(answer), flush=True)
        while os.getppid() != 1:
            time.sleep(0.5)


if __name__ == "__main__":
    main()
