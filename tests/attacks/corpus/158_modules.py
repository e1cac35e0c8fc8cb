"""158 kernel: calls for the administrator alone: modules, swap space, another kernel.

Evidence: said - the kernel looks at the arguments instead of refusing the caller.
Control: root - others may not.
"""


def attack():
    nowhere = ctypes.c_char_p(b"/nowhere")
    for call in (
        lambda: syscall(175, nowhere, 9, nowhere),  # init_module
        lambda: syscall(168, nowhere),  # swapoff
        lambda: syscall(246, 0, 0, 0, 1 << 20),  # kexec_load with a flag that does not exist
    ):
        try:
            call()
        except OSError as error:
            if error.errno in (errno.EPERM, errno.ENOSYS):
                continue
        return won()
    return "all are refused"
