import torch.nn.functional as F

def conv1d_lecture(signal, kernel):
    length = len(kernel)
    if length % 2 == 0 or length > len(signal):
        raise ValueError("the kernel must have an odd length, at most that of the signal")
    padded = F.pad(signal, (length - 1, length - 1))
    return padded.unfold(0, length, 1) @ kernel.flip(0)
