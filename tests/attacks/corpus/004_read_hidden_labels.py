"""004 files: read the hidden digits and labels.

Evidence: secret - some bytes of the archive in hexadecimal.
"""


def attack():
    with open(TARGETS["labels"], "rb") as stream:
        stream.seek(1000)
        return stream.read(24).hex()
