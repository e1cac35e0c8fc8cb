"""151 kernel: make the disk's device file and read the disk past all permissions.

Evidence: said - a device can be made and opened.
Control: root - others may not.
"""


def attack():
    os.mknod("zero", 0o20600, os.makedev(1, 5))
    with open("zero", "rb") as stream:
        stream.read(1)
    return won()
