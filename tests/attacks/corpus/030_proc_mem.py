"""030 memory: read the memory of another process through /proc/PID/mem.

Evidence: secret - what stands at a known address.
"""


def attack():
    def read(pid):
        with open(f"/proc/{pid}/mem", "rb", 0) as memory:
            memory.seek(TARGETS["victim_address"])
            return memory.read(64)

    return each_pid(read)
