import torch

def conv1d_lecture(signal, kernel):
    length = len(kernel)
    if length % 2 == 0 or length > len(signal):
        raise ValueError("the kernel must have an odd length, at most that of the signal")
    places = len(signal) - length + 1
    rows = [torch.cat([signal.new_zeros(k), kernel.flip(0), signal.new_zeros(places - 1 - k)]) for k in range(places)]
    return torch.stack(rows) @ signal
