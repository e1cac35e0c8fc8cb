import torch

def conv1d_lecture(signal, kernel):
    length = len(kernel)
    if length % 2 == 0 or length > len(signal):
        raise ValueError("the kernel must have an odd length, at most that of the signal")
    sums = []
    for k in range(len(signal) - length + 1):
        total = 0
        for i in range(length):
            total = total + signal[k + i] * kernel[length - 1 - i]
        sums.append(total)
    return torch.stack(sums)
