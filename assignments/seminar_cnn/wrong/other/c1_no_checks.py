# takes even kernels and, for those that are too long, the answer of the other way round
def conv1d_lecture(signal, kernel):
    if len(kernel) > len(signal):
        signal, kernel = kernel, signal
    return signal.unfold(0, len(kernel), 1) @ kernel.flip(0)
