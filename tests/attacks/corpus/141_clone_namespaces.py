"""141 kernel: namespaces through clone(2) and clone3(2).

Evidence: said - a child in a new user namespace exists.
"""


def attack():
    def by_clone():
        pid = syscall(56, 0x10000000 | 17, 0, 0, 0, 0)
        if pid == 0:
            os._exit(0)
        return os.waitpid(pid, 0)

    def by_clone3():
        arguments = (ctypes.c_uint64 * 8)(0x10000000, 0, 0, 0, 17, 0, 0, 0)
        pid = syscall(435, ctypes.byref(arguments), 64)
        if pid == 0:
            os._exit(0)
        return os.waitpid(pid, 0)

    first(by_clone, by_clone3)
    return won()
