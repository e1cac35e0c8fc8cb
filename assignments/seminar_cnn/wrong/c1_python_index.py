import torch


def conv1d_lecture(signal, kernel):
    length, half = len(kernel), len(kernel) // 2
    if length % 2 == 0 or length > len(signal):
        raise ValueError("the kernel must have an odd length, at most that of the signal")
    sums = []
    for k in range(half, len(signal) - half):
        total = 0
        for i in range(-half, half + 1):
            total = total + signal[k + i] * kernel[-i]
        sums.append(total)
    return torch.stack(sums)
