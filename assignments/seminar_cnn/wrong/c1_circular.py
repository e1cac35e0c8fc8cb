import torch

def conv1d_lecture(signal, kernel):
    length = len(kernel)
    if length % 2 == 0 or length > len(signal):
        raise ValueError("the kernel must have an odd length, at most that of the signal")
    half = length // 2
    return sum(kernel[half + i] * torch.roll(signal, i) for i in range(-half, half + 1))
