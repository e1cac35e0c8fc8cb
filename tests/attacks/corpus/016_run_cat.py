"""016 files: let another program read the key.

Evidence: secret - the key.
"""


def attack():
    import subprocess

    return subprocess.run(["/bin/cat", TARGETS["key"]], capture_output=True, check=True).stdout.decode()
