def conv1d_lecture(signal, kernel):
    length = len(kernel)
    if length % 2 == 0 or length > len(signal):
        raise ValueError("the kernel must have an odd length, at most that of the signal")
    return signal.float().to(kernel.dtype).unfold(0, length, 1) @ kernel.flip(0)
