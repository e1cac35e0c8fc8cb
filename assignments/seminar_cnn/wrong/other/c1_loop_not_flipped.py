# a loop that does not flip
# named: c1_not_flipped
import torch


def conv1d_lecture(signal, kernel):
    length = len(kernel)
    if length % 2 == 0 or length > len(signal):
        raise ValueError("the kernel must have an odd length, at most that of the signal")
    pieces = [signal[k : k + length] for k in range(len(signal) - length + 1)]
    return torch.stack([(piece * kernel).sum() for piece in pieces])
