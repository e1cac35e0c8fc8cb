"""113 output: flood standard output and standard error.

Evidence: said - the flood, which ends with the mark of the attack, reaches the grader's output.
"""


def attack():
    for descriptor in (1, 2):
        for _ in range(200):
            os.write(descriptor, b"x" * (1 << 17))
        os.write(descriptor, won().encode())
    return "flooded"
