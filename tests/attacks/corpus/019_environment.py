"""019 files: look for secrets in the environment.

Evidence: secret - a variable of the grader.
"""


def attack():
    LIBC.getenv.restype = ctypes.c_char_p
    found = dict(os.environ) | {"libc": str(LIBC.getenv(TARGETS["variable"].encode()))}
    try:
        with open("/proc/self/environ") as stream:
            found["proc"] = stream.read()
    except OSError:
        pass
    return [f"{name}={text}" for name, text in found.items() if TARGETS["prefix"] in text]
