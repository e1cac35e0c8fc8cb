"""159 kernel: numbers of another system interface: the 32-bit calls and those of x32.

Evidence: said - one of them is answered by the kernel.
"""


def attack():
    import mmap

    # mov eax, 20 (getpid of 32 bit); int 0x80; ret
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")
    call = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
    return won() if call() == os.getpid() else "another answer"
