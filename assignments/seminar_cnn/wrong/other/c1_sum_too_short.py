# the last term of each sum is lost, where sums begin from a tensor
# named: c1_last_term_lost
import torch


def conv1d_lecture(signal, kernel):
    w = len(kernel) // 2
    if len(kernel) % 2 == 0 or len(kernel) > len(signal):
        raise ValueError("the kernel does not fit")
    out = []
    for k in range(w, len(signal) - w):
        s = torch.zeros((), dtype=signal.dtype)
        for i in range(-w, w):
            s = s + signal[k + i] * kernel[w - i]
        out.append(s)
    return torch.stack(out)
