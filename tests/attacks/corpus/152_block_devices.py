"""152 kernel: open devices that lie in /dev.

Evidence: said - one that is no harmless one opens.
Control: root - others may not.
"""


def attack():
    names = [name for name in os.listdir("/dev") if name.startswith(("vd", "sd", "loop-control", "mem", "kmsg", "kvm"))]
    first(*[lambda name=name: os.close(os.open(f"/dev/{name}", os.O_RDONLY)) for name in names])
    return won()
