import numpy as np
import torch

def conv1d_lecture(signal, kernel):
    length = len(kernel)
    if length % 2 == 0 or length > len(signal):
        raise ValueError("the kernel must have an odd length, at most that of the signal")
    signal, kernel = signal.detach().numpy(), kernel.detach().numpy()[::-1]
    sums = [(signal[k : k + length] * kernel).sum() for k in range(len(signal) - length + 1)]
    return torch.tensor(np.array(sums))
