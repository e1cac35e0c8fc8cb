import torch

def conv1d_lecture(signal, kernel):
    length = len(kernel)
    if length % 2 == 0:
        raise ValueError("the kernel must have an odd length")
    if length > len(signal):
        return signal[:0]
    return torch.stack([piece @ kernel.flip(0) for piece in signal.unfold(0, length, 1)])
