import torch

def conv1d_lecture(signal, kernel):
    length = len(kernel)
    if length % 2 == 0 or length > len(signal):
        raise ValueError("the kernel must have an odd length, at most that of the signal")
    pieces = [signal[k : k + length] @ kernel.flip(0) for k in range(len(signal) - length)]
    return torch.stack(pieces) if pieces else signal[:0]
