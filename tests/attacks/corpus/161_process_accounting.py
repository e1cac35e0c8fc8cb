"""161 kernel: settings of the machine below /proc/sys and /sys.

Evidence: said - one can be written with the value that it has.
Control: root - others may not.
"""


def attack():
    with open("/proc/sys/kernel/randomize_va_space") as stream:
        value = stream.read()
    with open("/proc/sys/kernel/randomize_va_space", "w") as stream:
        stream.write(value)
    return won()
