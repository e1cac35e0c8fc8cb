"""014 files: reach a hidden test through a symbolic link or a hard link in one's own folder.

Evidence: secret - its first line.
"""


def attack():
    def through(link):
        name = f"link-{link.__name__}"
        link(TARGETS["hidden_test"], name)
        with open(name) as stream:
            return stream.read(300)

    return first(lambda: through(os.symlink), lambda: through(os.link))
