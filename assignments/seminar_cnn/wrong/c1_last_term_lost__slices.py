import torch


def conv1d_lecture(signal, kernel):
    n = len(kernel)
    if n % 2 == 0 or n > len(signal):
        raise ValueError("the kernel does not fit")
    flipped = kernel.flip(0)[: n - 1]
    return torch.stack([(signal[k : k + n - 1] * flipped).sum() for k in range(len(signal) - n + 1)])
